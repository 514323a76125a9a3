import InterlockHooks
import InterlockModel
import Testing

@Suite struct HookEndpointTests {
    @Test func `the socket and the route are read`() throws {
        let socket = try endpoint(#"{"socket": "/var/lib/interlock/state/interlock.sock"}"#)
        #expect(socket == .socket(path: "/var/lib/interlock/state/interlock.sock"))
        let route = try endpoint(#" {"route":"http://127.0.0.1:3128/hook/v1/event"} "#)
        #expect(route == .route(port: 3128, path: "/hook/v1/event"))
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"socket":"state/interlock.sock"}"#, #"{"socket":"/"}"#,
        #"{"socket":"/a\u0000b"}"#, #"{"socket":"/a","socket":"/b"}"#,
        #"{"socket":"/a","route":"http://127.0.0.1:3128/x"}"#, #"{"socket":"/a","user":1}"#,
        #"{"route":"https://127.0.0.1:3128/x"}"#, #"{"route":"http://localhost:3128/x"}"#,
        #"{"route":"http://127.0.0.1:3128"}"#, #"{"route":"http://127.0.0.1:03128/x"}"#,
        #"{"route":"http://127.0.0.1:0/x"}"#, #"{"route":"http://127.0.0.1:65536/x"}"#,
        #"{"route":"http://127.0.0.1:3128@example.org/x"}"#,
        #"{"route":"http://127.0.0.1:3128/x y"}"#, #"{"route":"http://127.0.0.1:3128/x\r\n"}"#,
    ])
    func `anything else is rejected`(_ text: String) {
        #expect(throws: FormError.self) { try endpoint(text) }
    }

    @Test func `a path of a socket has at most 107 bytes`() throws {
        let longest = "/" + String(repeating: "x", count: 106)
        #expect(try endpoint(#"{"socket":""# + longest + #""}"#) == .socket(path: longest))
        #expect(throws: FormError.self) { try endpoint(#"{"socket":""# + longest + #"x"}"#) }
    }

    @Test func `the request names the route's own authority`() {
        let sent = HookEndpoint.route(port: 3128, path: "/hook/v1/event").request([0x7b, 0x7d])
        let expected =
            "POST /hook/v1/event HTTP/1.1\r\nHost: 127.0.0.1:3128\r\n"
            + "Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
        #expect(String(decoding: sent, as: UTF8.self) == expected)
    }

    @Test func `a response is complete with its last byte, in any pieces`() throws {
        let bytes = response("Content-Type: application/json\r\ncontent-length: 2", "{}")
        for size in [1, 3, bytes.count] {
            var reader = HookResponseReader()
            var body: [UInt8]?
            for start in stride(from: 0, to: bytes.count, by: size) {
                #expect(body == nil)
                body = try reader.read(bytes[start..<min(bytes.count, start + size)])
            }
            #expect(body == Array("{}".utf8))
        }
    }

    @Test(arguments: [
        "Content-Length: 2", "Content-Type: application/json",
        "Content-Type: text/html\r\nContent-Length: 2",
        "Content-Type: application/json\r\nContent-Length: 1",
        "Content-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 2",
        "Content-Type: application/json\r\nContent-Length: -2",
        "Content-Type: application/json\r\nContent-Length: 99999999",
        "Content-Type: application/json\r\nContent-Length: 2\r\nTransfer-Encoding: chunked",
        "Content-Type: application/json\r\nContent-Length: 2\r\n: x",
        "Content-Type: application/json\r\nContent-Length: 2\r\nx",
    ])
    func `a response of another form is rejected`(_ fields: String) {
        #expect(throws: HookResponseError.malformed) { try read(response(fields, "{}")) }
    }

    @Test func `another status is named`() {
        let fields = "Content-Type: application/json\r\nContent-Length: 2"
        #expect(throws: HookResponseError.status(503)) {
            try read(response(fields, "{}", status: "503 Service Unavailable"))
        }
        #expect(throws: HookResponseError.malformed) {
            try read(response(fields, "{}", status: "20 OK"))
        }
    }

    @Test func `a head without end is rejected at its limit`() {
        let endless = [UInt8](repeating: 0x61, count: HookResponseReader.headLimitBytes)
        #expect(throws: HookResponseError.malformed) { try read(endless) }
    }

    @Test(arguments: [
        ("         0          0 4294967295\n", true), ("      1000      50000          1\n", false),
        ("1 0 10\n0 20 1\n", true), ("1 0 10\n20 20 1\n", false), ("", true), ("x\n", true),
        ("1000 50000\n", true), ("-1 0 1\n", true),
    ])
    func `root has an id unless the map says otherwise`(_ map: String, _ expected: Bool) {
        #expect(HookUserIDs.mapRoot(Array(map.utf8)) == expected)
    }

    private func endpoint(_ text: String) throws(FormError) -> HookEndpoint {
        try HookEndpoint(parsing: Array(text.utf8))
    }

    private func response(_ fields: String, _ body: String, status: String = "200 OK") -> [UInt8] {
        Array("HTTP/1.1 \(status)\r\n\(fields)\r\n\r\n\(body)".utf8)
    }

    private func read(_ bytes: [UInt8]) throws(HookResponseError) -> [UInt8]? {
        var reader = HookResponseReader()
        return try reader.read(bytes[...])
    }
}
