"""Which frames are the team's own: one table per runtime of what is *not* (standard libraries, well-known packages).

The default when nothing is configured: a frame of none of these is in the app. Prefixes end in a dot or a slash so that
`org.apache.` does not catch `org.apaches`.
"""

JVM_LIBRARIES: tuple[str, ...] = (
    "java.", "javax.", "jakarta.", "jdk.", "sun.", "com.sun.", "oracle.", "com.oracle.",
    "kotlin.", "kotlinx.", "scala.", "groovy.", "clojure.", "org.codehaus.", "org.jetbrains.", "android.", "androidx.",
    "org.springframework.", "org.apache.", "org.eclipse.", "org.hibernate.", "org.jboss.", "org.wildfly.",
    "io.undertow.", "io.netty.", "reactor.", "io.reactivex.", "rx.", "io.vertx.", "io.quarkus.", "io.smallrye.",
    "io.micronaut.", "io.helidon.", "io.dropwizard.", "io.micrometer.", "io.grpc.", "io.opentelemetry.", "io.sentry.",
    "io.lettuce.", "redis.clients.", "io.jsonwebtoken.", "io.swagger.", "io.projectreactor.", "io.r2dbc.", "io.ktor.",
    "com.zaxxer.", "com.mysql.", "com.mchange.", "com.microsoft.", "com.google.", "com.fasterxml.", "com.amazonaws.",
    "com.azure.", "com.rabbitmq.", "com.mongodb.", "com.datastax.", "com.netflix.", "com.github.benmanes.",
    "com.squareup.", "com.jayway.", "com.hazelcast.", "com.esotericsoftware.", "com.alibaba.druid.",
    "com.newrelic.", "com.datadoghq.", "datadog.", "com.typesafe.", "akka.", "play.", "org.mongodb.",
    "org.postgresql.", "org.mariadb.", "org.h2.", "org.hsqldb.", "org.sqlite.", "org.jooq.", "org.mybatis.", "org.flywaydb.",
    "org.quartz.", "org.slf4j.", "org.aspectj.", "org.thymeleaf.", "org.elasticsearch.", "org.opensearch.",
    "org.jdbi.", "org.junit.", "junit.", "org.testng.", "org.mockito.", "org.gradle.", "org.redisson.", "org.glassfish.",
    "org.bouncycastle.", "org.yaml.", "org.json.", "org.bson.", "org.xnio.", "org.modelmapper.", "org.antlr.",
    "net.bytebuddy.", "net.sf.", "net.logstash.", "ch.qos.", "feign.", "retrofit2.", "okhttp3.", "okio.", "graphql.",
    "lombok.", "freemarker.", "software.amazon.", "cats.", "zio.", "liquibase.", "javassist.", "ognl.", "antlr.",
    "io.prometheus.", "io.github.resilience4j.", "brave.", "zipkin2.", "dev.langchain4j.", "tools.jackson.", "arrow.",
)  # fmt: skip
"""Class name prefixes."""
JVM_GENERATED: tuple[str, ...] = ("$Proxy", "$$Lambda", "CGLIB$$", "$$EnhancerBy", "$$FastClass", "$HibernateProxy$")
"""Parts of the names of classes made at run time: their code is nobody's, their numbers change with each start."""

PYTHON_LIBRARIES: tuple[str, ...] = (
    "/site-packages/", "/dist-packages/", "/lib/python2.", "/lib/python3.", "/lib/python3/", "/lib64/python3.",
    "<frozen ", "/opt/python/lib/", "/var/runtime/", "/var/lang/lib/", "/.venv/lib/", "/importlib/", "/pypy3",
)  # fmt: skip
"""Parts of a path, forward slashes."""
PYTHON_FOREIGN_STARTS: tuple[str, ...] = ("<frozen ", "<__array_function__", "<string>", "<decorator-gen")
"""Starts of a file name that is no file of anybody."""

JAVASCRIPT_LIBRARIES: tuple[str, ...] = (
    "node_modules", "node:", "internal/", "<anonymous>", "webpack/bootstrap", "/.yarn/", "/.pnp.", "/var/runtime/",
    "/opt/nodejs/", "bun:", "deno:", "ext:", "https://deno.land/", "chrome-extension://", "moz-extension://",
)  # fmt: skip
"""Parts of a file name."""

DOTNET_LIBRARIES: tuple[str, ...] = (
    "System.", "Microsoft.", "Windows.", "Mono.", "Interop.", "Internal.", "MS.", "FSharp.",
    "Npgsql.", "MySql.", "MySqlConnector.", "Oracle.", "MongoDB.", "StackExchange.", "RabbitMQ.", "MassTransit.",
    "Confluent.", "Dapper.", "NHibernate.", "AutoMapper.", "MediatR.", "FluentValidation.", "Newtonsoft.", "Polly.",
    "Serilog.", "NLog.", "log4net.", "Hangfire.", "Quartz.", "Grpc.", "Google.", "Amazon.", "AWSSDK.", "Azure.",
    "Elastic.", "Elasticsearch.", "Nest.", "Autofac.", "Castle.", "Ninject.", "RestSharp.", "Refit.", "Flurl.",
    "Swashbuckle.", "NSwag.", "IdentityServer4.", "IdentityModel.", "OpenTelemetry.", "Sentry.", "Humanizer.",
    "Xunit.", "xunit.", "NUnit.", "Moq.", "Volo.Abp.", "Orleans.", "Akka.", "ServiceStack.", "Nancy.", "GraphQL.",
    "HotChocolate.", "GreenPipes.", "CsvHelper.", "NodaTime.", "SixLabors.", "Steeltoe.", "Ocelot.", "Yarp.",
)  # fmt: skip
"""Class name prefixes."""

GO_STANDARD: frozenset[str] = frozenset(
    """archive arena bufio builtin bytes cmp compress container context crypto database debug embed encoding errors
    expvar flag fmt go hash html image index internal io iter log maps math mime net os path plugin reflect regexp
    runtime slices sort strconv strings structs sync syscall testing text time unicode unique unsafe vendor weak""".split()
)
"""First elements of the standard library's package paths."""
GO_LIBRARIES: tuple[str, ...] = (
    "golang.org/", "google.golang.org/", "cloud.google.com/", "go.uber.org/", "go.opentelemetry.io/", "k8s.io/",
    "sigs.k8s.io/", "gopkg.in/", "gorm.io/", "go.mongodb.org/", "entgo.io/", "github.com/gin-gonic/",
    "github.com/labstack/", "github.com/gofiber/", "github.com/valyala/", "github.com/go-chi/", "github.com/gorilla/",
    "github.com/julienschmidt/", "github.com/sirupsen/", "github.com/rs/", "github.com/pkg/", "github.com/spf13/",
    "github.com/aws/", "github.com/lib/pq", "github.com/jackc/", "github.com/go-sql-driver/", "github.com/jmoiron/",
    "github.com/redis/", "github.com/go-redis/", "github.com/gomodule/", "github.com/segmentio/", "github.com/IBM/",
    "github.com/Shopify/sarama", "github.com/nats-io/", "github.com/hashicorp/", "github.com/prometheus/",
    "github.com/grpc-ecosystem/", "github.com/stretchr/", "github.com/getsentry/", "github.com/urfave/",
)  # fmt: skip
"""Package path prefixes."""
GO_LIBRARY_PATHS: tuple[str, ...] = ("/go/pkg/mod/", "/pkg/mod/", "/vendor/", "@v", "/usr/local/go/src/", "/usr/lib/go")
"""Parts of a path."""

RUBY_LIBRARIES: tuple[str, ...] = ("/gems/", "/ruby/2.", "/ruby/3.", "/ruby/4.", "<internal:", "/bundle/ruby/", "(eval", "/rubygems/", "/vendor/bundle/")  # fmt: skip
"""Parts of a path."""
PHP_LIBRARIES: tuple[str, ...] = ("/vendor/", "phar://", "/usr/share/php/", "/usr/lib/php")
"""Parts of a path."""
RUST_LIBRARIES: tuple[str, ...] = ("std::", "core::", "alloc::", "__rust", "rust_", "backtrace::", "tokio::", "futures", "hyper::", "tower::", "axum::", "actix_", "rayon::", "_start", "__libc", "clone")  # fmt: skip
"""Function name prefixes."""
RUST_LIBRARY_PATHS: tuple[str, ...] = ("/rustc/", "/.cargo/registry/", "/.cargo/git/", "/usr/local/cargo/registry/")
"""Parts of a path."""
ELIXIR_APPS: frozenset[str] = frozenset(
    """asn1 bandit broadway castore compiler cowboy cowlib crypto db_connection ecto ecto_sql eex elixir erts ex_unit finch
    gen_stage gettext hackney hpax httpoison iex inets jason kernel logger mint mix mnesia myxql nimble_options nimble_pool
    oban phoenix phoenix_html phoenix_live_dashboard phoenix_live_view phoenix_pubsub phoenix_template plug plug_cowboy
    plug_crypto poolboy postgrex public_key ranch redix req runtime_tools sasl sentry ssl stdlib swoosh telemetry tesla
    thousand_island tls_certificate_check tools websock websock_adapter xmerl""".split()
)
"""Names of applications: Elixir prints one in front of each frame of a release."""
ERLANG_MODULES: frozenset[str] = frozenset(
    """application binary calendar code cowboy_handler cowboy_http cowboy_router cowboy_stream cowboy_stream_h dict ejson
    epp erl_eval erlang error_handler escript ets file filelib gb_sets gb_trees gen gen_event gen_server gen_statem
    gen_tcp gen_udp hackney httpc init inet io io_lib jsx lists logger maps mnesia orddict os poolboy proc_lib proplists
    queue ranch_conns_sup ranch_server re rpc sets shell ssl string supervisor sys timer unicode zlib""".split()
)
"""Modules of OTP and of well-known libraries."""
DART_LIBRARIES: tuple[str, ...] = (
    "dart:", "package:flutter/", "package:flutter_test/", "package:async/", "package:bloc/", "package:collection/",
    "package:dio/", "package:http/", "package:provider/", "package:riverpod/", "package:rxdart/", "package:shelf/",
    "package:shelf_router/", "package:stack_trace/", "package:stream_channel/", "package:test/", "package:test_api/",
)  # fmt: skip
"""Starts of a frame's library."""
NATIVE_LIBRARY_PATHS: tuple[str, ...] = (
    "/usr/include/", "/usr/lib/", "/sysdeps/", "/lib/x86_64-linux-gnu/", "/compiler-rt/", "libsanitizer", "bits/", "ext/",
    "/swift/stdlib/",
)  # fmt: skip
"""Parts of a path."""
OTHER_LIBRARY_PATHS: tuple[str, ...] = ("/deps/", "deps/", "/usr/lib/", "/usr/share/", "/perl5/", "/build/")
"""Parts of a path of a runtime without a table of its own."""
