-- wrk: tools/call with the headers of the environment. Ids are unique: each thread counts in its own range.
local threads = 0

function setup(thread)
    thread:set("first", threads * 1000000000)
    threads = threads + 1
end

function init(arguments)
    identifier = first
    tool = os.getenv("BENCH_TOOL")
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Accept"] = "application/json, text/event-stream"
    for name, variable in pairs({Authorization = "BENCH_AUTHORIZATION", ["Mcp-Session-Id"] = "BENCH_SESSION",
                                 ["MCP-Protocol-Version"] = "BENCH_VERSION"}) do
        local value = os.getenv(variable)
        if value and value ~= "" then wrk.headers[name] = value end
    end
end

function request()
    identifier = identifier + 1
    return wrk.format(nil, nil, nil, string.format(
        '{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"%s","arguments":{"text":"lamp %d"}}}',
        identifier, tool, identifier))
end
