"""An event with every part an SDK sends but its id, to be spoiled in every place."""

from typing import Any

FRAME: dict[str, Any] = {
    "function": "place", "raw_function": "place()", "module": "shop.orders", "filename": "shop/orders.py",
    "abs_path": "/app/shop/orders.py", "lineno": 42, "colno": 7, "in_app": True, "platform": "python",
    "package": "shop", "instruction_addr": "0x7f", "context_line": "    raise OutOfStock(sku)",
    "pre_context": ["def place(sku):"], "post_context": ["", "class Order:"],
    "vars": {"sku": "'A-1207'", "count": 3, "items": [{"id": 1}]},
}  # fmt: skip

SHORT: dict[str, Any] = {"function": "main", "filename": "main.py", "lineno": 1}

EVENT: dict[str, Any] = {
    "timestamp": 1791199990.25, "start_timestamp": "2026-10-05T12:00:00Z", "level": "error",
    "platform": "python", "logger": "shop.orders", "release": "shop@1.4.2", "dist": "14", "environment": "prod",
    "server_name": "web-1", "site": "main", "transaction": "POST /orders", "culprit": "shop.orders in place",
    "transaction_info": {"source": "route"}, "checksum": "abc",
    "message": "order %s failed",
    "logentry": {"message": "order %s failed", "formatted": "order 4711 failed", "params": ["4711"]},
    "exception": {"values": [
        {"type": "KeyError", "value": "'A-1207'", "module": "builtins", "thread_id": 1,
         "mechanism": {"type": "chained", "exception_id": 1, "parent_id": 0, "source": "__cause__"},
         "stacktrace": {"frames": [FRAME], "registers": {"rip": "0x1"}, "lang": "python", "snapshot": False}},
        {"type": "OutOfStock", "value": "no stock for A-1207", "module": "shop.errors",
         "mechanism": {"type": "generic", "handled": False, "exception_id": 0, "is_exception_group": True,
                       "synthetic": True, "description": "d", "help_link": "https://example.com",
                       "data": {"function": "f"}, "meta": {"errno": {"number": 2, "name": "ENOENT"}}},
         "raw_stacktrace": {"frames": [SHORT]}, "stacktrace": {"frames": [SHORT, SHORT]}},
    ]},
    "stacktrace": {"frames": [SHORT]},
    "threads": {"values": [
        {"id": 1, "name": "main", "current": True, "crashed": True, "main": True, "state": "RUNNABLE",
         "stacktrace": {"frames": [SHORT]}, "held_locks": {"a": {"type": 1}}}]},
    "breadcrumbs": {"values": [
        {"timestamp": 1791199989, "type": "http", "category": "httplib", "level": "info", "message": "GET /stock",
         "data": {"url": "https://stock.example.com", "status_code": 500, "reason": "x"}, "event_id": "0" * 32}]},
    "request": {"method": "POST", "url": "https://shop.example.com/orders?a=1", "query_string": [["a", "1"]],
                "data": {"sku": "A-1207"}, "headers": {"Host": "shop.example.com", "Accept": "*/*"},
                "cookies": {"theme": "dark"}, "env": {"REMOTE_ADDR": "192.0.2.1"}, "fragment": "top",
                "inferred_content_type": "application/json"},
    "user": {"id": "7", "email": "a@example.com", "ip_address": "192.0.2.7", "username": "ann", "name": "Ann",
             "geo": {"city": "Kyoto", "country_code": "JP"}, "data": {"plan": "pro"}},
    "contexts": {"trace": {"trace_id": "0" * 32, "span_id": "1" * 16, "op": "http", "status": "ok", "data": {"a": 1}},
                 "runtime": {"name": "CPython", "version": "3.11"}, "os": {"name": "Linux", "kernel_version": "6"},
                 "device": {"model": "x", "memory_size": 1}, "own": {"type": "own", "list": [1, [2]]}},
    "tags": {"region": "eu", "canary": "yes"}, "extra": {"attempt": 3, "nested": {"a": [1, {"b": None}]}},
    "fingerprint": ["{{ default }}", "checkout"], "modules": {"django": "5.2"},
    "sdk": {"name": "x.python", "version": "2.20", "packages": [{"name": "pypi:x", "version": "2"}],
            "integrations": ["logging"]},
    "debug_meta": {"images": [{"type": "proguard", "uuid": "0"}]}, "errors": [{"type": "invalid", "name": "a"}],
    "measurements": {"lcp": {"value": 1.5, "unit": "ms"}}, "spans": [{"op": "db", "span_id": "1"}],
    "_meta": {"message": {"": {"len": 5}}},
}  # fmt: skip
