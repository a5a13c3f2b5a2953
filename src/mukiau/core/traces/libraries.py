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

PYTHON_LIBRARIES: tuple[str, ...] = (
    "/site-packages/", "/dist-packages/", "/lib/python2.", "/lib/python3.", "/lib/python3/", "/lib64/python3.",
    "<frozen ", "/opt/python/lib/", "/var/runtime/", "/var/lang/lib/", "/.venv/lib/", "/importlib/", "/pypy3",
)  # fmt: skip
"""Parts of a path, forward slashes."""
PYTHON_FOREIGN_STARTS: tuple[str, ...] = ("<frozen ", "<__array_function__", "<string>", "<decorator-gen")
"""Starts of a file name that is no file of anybody."""
