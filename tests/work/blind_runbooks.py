"""Runbooks and errors written apart from each other and from the demo: as teams write them, long and thin, ja and en.

Each error was written as a person would paste it (a chat's one line, a line of JSON, a trace), in other words than the
runbook's examples where it has any.
"""

from dataclasses import dataclass

from mukiau.work.finding.index import IndexedText


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A runbook and what people paste who need it."""

    text: IndexedText
    pasted: tuple[str, ...]


CASES = (
    Case(
        text=IndexedText(
            title="Payment gateway refuses with card_expired or insufficient_funds",
            services=("payment",),
            meaning="The card company declined. Nothing is broken on our side; the customer was shown the reason.",
            examples="PaymentDeclined: gateway answered 402 card_declined decline_code=insufficient_funds charge=ch_3Nx",
        ),
        pasted=(
            "PaymentDeclined: gateway answered 402 card_declined decline_code=insufficient_funds charge=ch_9Qq81",
            '{"level":"error","msg":"charge failed","service":"payment","error":"402 card_declined","decline_code":"insufficient_funds","charge":"ch_77"}',
            "customer says card declined, log shows decline_code=card_expired for order 88123",
        ),
    ),
    Case(
        text=IndexedText(
            title="決済がタイムアウトした注文の二重請求を確認する",
            services=("payment",),
            meaning="決済代行会社への要求が30秒以内に応答しなかった。請求が成立している場合があるため、必ず照会してから再実行する。",
            examples="決済要求がタイムアウトしました 注文番号=OD2026100112345678 経過=30001ms",
        ),
        pasted=(
            "2026-11-02 10:15:33 ERROR 決済要求がタイムアウトしました 注文番号=OD2026110299887766 経過=30012ms",
            "決済タイムアウトで二重請求になっていないか",
            "ERROR PaymentService 決済要求が時間内に応答しませんでした（タイムアウト） 注文番号=OD2026",
        ),
    ),
    Case(
        text=IndexedText(
            title="Kafka consumer lag: rebalance loop",
            services=("events",),
            keywords=("CommitFailedException", "max.poll.interval.ms", "rebalance"),
        ),
        pasted=(
            "org.apache.kafka.clients.consumer.CommitFailedException: Offset commit cannot be completed since the consumer is not part of an active group for auto partition assignment; it is likely that the consumer was kicked out of the group.\n\tat org.apache.kafka.clients.consumer.internals.ConsumerCoordinator.sendOffsetCommitRequest(ConsumerCoordinator.java:1256)\n\tat com.example.events.Poller.run(Poller.java:88)",
            "events-7c9d consumer poll timeout has expired, time between poll() longer than max.poll.interval.ms",
            "why is the kafka consumer in a rebalance loop again?",
        ),
    ),
    Case(
        text=IndexedText(
            title="PostgreSQL: too many connections",
            services=("accounts", "billing"),
            meaning="The pool is exhausted or a deploy left idle connections behind. Look at pg_stat_activity.",
            examples="FATAL: sorry, too many clients already\nHikariPool-1 - Connection is not available, request timed out after 30000ms.",
        ),
        pasted=(
            'psycopg.OperationalError: connection to server at "10.2.3.4", port 5432 failed: FATAL:  sorry, too many clients already',
            "java.sql.SQLTransientConnectionException: HikariPool-3 - Connection is not available, request timed out after 30005ms (total=10, active=10, idle=0, waiting=44)\n\tat com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:696)\n\tat com.example.accounts.Repo.find(Repo.java:31)",
            "FATAL: remaining connection slots are reserved; too many clients",
        ),
    ),
    Case(
        text=IndexedText(
            title="在庫連携バッチの文字コードエラー",
            services=("stock-batch",),
            meaning="取引先のCSVにCP932で表せない文字（機種依存文字や絵文字）が含まれている。該当行を修正して再取込する。",
            examples="UnicodeDecodeError: 'cp932' codec can't decode byte 0x87 in position 1032: illegal multibyte sequence",
        ),
        pasted=(
            "Traceback (most recent call last):\n  File \"/app/batch/import_stock.py\", line 77, in load\n    rows = list(csv.reader(f))\nUnicodeDecodeError: 'cp932' codec can't decode byte 0xfa in position 88: illegal multibyte sequence",
            "在庫連携でまた文字コードのエラー、絵文字が入っている行がある",
            "stock-batch: 'cp932' codec can't decode byte 0xed in position 5: illegal multibyte sequence (file=in/2026/11/02/abc.csv)",
        ),
    ),
    Case(
        text=IndexedText(
            title="会員のメールアドレス重複（統合手順）",
            services=("member",),
            keywords=("重複", "email", "UniqueViolation"),
            meaning="同じメールアドレスで二つの会員が作られようとした。統合ツールで名寄せする。",
        ),
        pasted=(
            'psycopg2.errors.UniqueViolation: duplicate key value violates unique constraint "member_email_key"\nDETAIL:  Key (email)=(taro@example.jp) already exists.',
            "会員登録に失敗: メールアドレスが重複しています email=hanako@example.com",
            "メール重複で会員登録できないと問い合わせ",
        ),
    ),
    Case(
        text=IndexedText(
            title="S3 upload AccessDenied after key rotation",
            services=("media",),
            meaning="The role of the task lost s3:PutObject, mostly after a rotation of the KMS key.",
            examples="botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the PutObject operation: Access Denied",
        ),
        pasted=(
            "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the PutObject operation: User: arn:aws:sts::123456789012:assumed-role/media/xyz is not authorized to perform: kms:GenerateDataKey",
            "media upload failed PutObject Access Denied bucket=img-prod-7",
            '{"severity":"ERROR","message":"upload failed","exception":"An error occurred (AccessDenied) when calling the PutObject operation","bucket":"b-22"}',
        ),
    ),
    Case(
        text=IndexedText(
            title="TLS certificate expired (partner API)",
            services=("gateway",),
            keywords=("certificate", "x509", "expired", "PKIX"),
        ),
        pasted=(
            'Get "https://api.partner.example/v1/orders": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-01T00:00:03Z is after 2026-10-31T23:59:59Z',
            "javax.net.ssl.SSLHandshakeException: PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed\n\tat java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)\nCaused by: java.security.cert.CertificateExpiredException: NotAfter: Sat Oct 31 23:59:59 UTC 2026",
            "curl: (60) SSL certificate problem: certificate has expired",
        ),
    ),
    Case(
        text=IndexedText(
            title="出荷指示ファイルが届かない",
            services=("wms-link",),
            meaning="倉庫管理システムからの出荷指示ファイルが予定時刻になっても置かれていない。倉庫の担当者に連絡する。",
            examples="出荷指示ファイルが見つかりません: /data/wms/in/SHIP_20261005.csv 待機=3600秒",
        ),
        pasted=(
            "出荷指示ファイルが見つかりません: /data/wms/in/SHIP_20261102.csv 待機=5400秒",
            "[ERROR] wms-link 予定時刻を過ぎても出荷指示が届いていません (SHIP_20261103.csv)",
            "倉庫から出荷指示ファイルが来てない",
        ),
    ),
    Case(
        text=IndexedText(
            title="Redis OOM: maxmemory reached",
            services=("session",),
            meaning="Writes fail until keys expire. Scale the node up or drop the render cache.",
            examples="ReplyError: OOM command not allowed when used memory > 'maxmemory'.",
        ),
        pasted=(
            "redis.exceptions.OutOfMemoryError: command not allowed when used memory > 'maxmemory'.",
            "ReplyError: OOM command not allowed when used memory > 'maxmemory'. script: 7f3a, on @user_script:1.\n    at parseError (/app/node_modules/redis-parser/lib/parser.js:179:12)\n    at Session.save (/app/src/session.js:41:9)",
            "session store: OOM from redis, maxmemory",
        ),
    ),
    Case(
        text=IndexedText(
            title="Container killed: java.lang.OutOfMemoryError: Java heap space",
            services=("report",),
            meaning="The monthly report reads everything at once. Run it per customer.",
        ),
        pasted=(
            'Exception in thread "report-3" java.lang.OutOfMemoryError: Java heap space\n\tat java.base/java.util.Arrays.copyOf(Arrays.java:3537)\n\tat com.example.report.Monthly.rows(Monthly.java:120)',
            "report container OutOfMemoryError heap",
            "Terminating due to java.lang.OutOfMemoryError: Java heap space (pid 1)",
        ),
    ),
    Case(
        text=IndexedText(
            title="ログイン画面で CSRF 検証に失敗",
            services=("portal",),
            keywords=("CSRF", "403", "Cookie"),
            meaning="古いタブのまま送信した利用者に多い。1分間に50件を超えたらロードバランサーのスティッキー設定を疑う。",
        ),
        pasted=(
            "Forbidden (CSRF token missing.): /login/",
            "WARNING django.security.csrf Forbidden (CSRF cookie not set.): /login/ user=- ip=203.0.113.9",
            "ログインしようとすると CSRF 検証に失敗しました と出る",
        ),
    ),
    Case(
        text=IndexedText(
            title="請求書PDFの作成に失敗（フォントなし）",
            services=("invoice",),
            examples="PdfRenderException: フォント「IPAexGothic」が見つかりません 請求書=INV-2026-000123",
            meaning="コンテナーのイメージからフォントが抜けている。前の版に戻す。",
        ),
        pasted=(
            "com.example.invoice.PdfRenderException: フォント「NotoSansJP」が見つかりません 請求書=INV-2026-004567\n\tat com.example.invoice.PdfRenderer.render(PdfRenderer.java:64)",
            "請求書 PDF が作れない フォントが見つかりません",
            "PdfRenderException INV-2026-777777 フォントが見つからない",
        ),
    ),
    Case(
        text=IndexedText(
            title="gRPC UNAVAILABLE from recommendation",
            services=("recommendation",),
            meaning="Falls back to bestsellers; no action unless it lasts more than 15 minutes.",
            examples='rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 10.0.0.4:50051: connect: connection refused"',
        ),
        pasted=(
            'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 10.8.1.9:50051: i/o timeout"',
            "io.grpc.StatusRuntimeException: UNAVAILABLE: io exception\n\tat io.grpc.stub.ClientCalls.toStatusRuntimeException(ClientCalls.java:268)\n\tat com.example.home.Recommendations.fetch(Recommendations.java:40)",
            "recommendation UNAVAILABLE grpc",
        ),
    ),
    Case(
        text=IndexedText(
            title="夜間バッチ: 前回の実行がまだ終わっていません",
            services=("batch",),
            meaning="ロックファイルが残っている。プロセスがいないことを確認してから消す。",
            examples="二重起動を検知しました pid=1234 lock=/var/run/nightly.lock",
        ),
        pasted=(
            "二重起動を検知しました pid=88123 lock=/var/run/nightly.lock",
            "nightly: 前回の実行が終わっていないため起動を中止しました",
            "夜間バッチの二重起動",
        ),
    ),
    Case(
        text=IndexedText(
            title="Elasticsearch: index is read-only (disk watermark)",
            services=("search",),
            keywords=("flood_stage", "read_only_allow_delete", "cluster_block_exception"),
        ),
        pasted=(
            'elasticsearch.AuthorizationException: AuthorizationException(403, "cluster_block_exception", "index [items-v7] blocked by: [FORBIDDEN/12/index read-only / allow delete (api)];")',
            "index blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block]",
            "search: index read-only, disk watermark exceeded",
        ),
    ),
    Case(
        text=IndexedText(
            title="ポイントの二重付与",
            services=("point",),
            meaning="同じ注文に対してポイントが二回付与された。台帳で取り消す。データ補正の依頼が必要。",
            examples="LedgerException: 同一取引のポイント付与が既に存在します 取引=TX0012345",
        ),
        pasted=(
            "jp.example.point.LedgerException: 同一取引のポイント付与が既に存在します 取引=TX9988776\n\tat jp.example.point.Ledger.add(Ledger.java:91)",
            "お客様よりポイントが二重に付与されているとの問い合わせ",
            "ERROR 同じ取引に対するポイント付与が存在 取引=TX5",
        ),
    ),
    Case(
        text=IndexedText(
            title="SMTP 421 too many connections / 送信制限",
            services=("mailer",),
            keywords=("421", "rate limit", "送信制限", "smtp"),
        ),
        pasted=(
            "smtplib.SMTPResponseException: (421, b'4.7.0 Too many connections from your IP, try again later')",
            "メール送信が送信制限で拒否された smtp=relay.example.jp",
            "Net::SMTPServerBusy: 421 4.7.28 Our system has detected an unusual rate of unsolicited mail",
        ),
    ),
    Case(
        text=IndexedText(
            title="NullPointerException in TaxCalculator for orders without a region",
            services=("tax",),
            meaning="The address of guests has no region. The order is priced with the default tax.",
            examples='java.lang.NullPointerException: Cannot invoke "Region.code()" because "region" is null\n\tat com.example.tax.TaxCalculator.rate(TaxCalculator.java:52)',
        ),
        pasted=(
            'java.lang.NullPointerException: Cannot invoke "com.example.tax.Region.code()" because the return value of "Address.region()" is null\n\tat com.example.tax.TaxCalculator.rate(TaxCalculator.java:57)\n\tat com.example.tax.TaxService.total(TaxService.java:20)',
            "NPE in TaxCalculator.rate, order 5512 has no region",
            "tax calculator null region guest order",
        ),
    ),
    Case(
        text=IndexedText(
            title="配送業者APIの住所エラー（E4031）",
            services=("delivery",),
            meaning="番地が足りない。お客様に確認して注文の住所を直し、再送する。",
        ),
        pasted=(
            'carrier api: status=422 code=E4031 body={"trackingNo":"5550001","message":"住所を確認してください"}',
            "配送業者から住所エラー E4031 が返ってくる",
            '{"level":"error","msg":"ラベル発行に失敗しました","code":"E4031","order":"OD2026"}',
        ),
    ),
)
UNRELATED = (
    "panic: runtime error: index out of range [6] with length 1",
    "TypeError: Cannot read properties of undefined (reading 'rate')\n    at discount (/usr/src/app/src/price.js:13:68)",
    "ClassCastException: class java.lang.String cannot be cast to class java.util.List",
    "ランク計算を既定値で継続します",
    "System.FormatException: Input string was not in a correct format.",
    "synonym dictionary line 44113215: invalid digit found in string",
    "監査ログを書き込めませんでした: user=sato action=D1HR 再送 2/6 回目",
    "RecursionError: maximum recursion depth exceeded",
    "no calendar for depot A7ZJ (pref=北海道)",
    "The antiforgery token could not be decrypted. key={f1c786c6-5ebb-4eee-9b68-091c989999b4}",
    "Unknown column 'foo' in 'field list'",
    "翻訳ファイルの読み込みに失敗しました locale=fr_FR",
)
"""Errors that none of these runbooks answers."""
