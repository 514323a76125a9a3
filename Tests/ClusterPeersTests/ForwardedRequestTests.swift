import InterlockCluster
import InterlockClusterPeers
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

/// The form of a request that one node passes on, and each fault of it.
struct ForwardedRequestTests {
    private static let sample =
        #"{"from":"gw2","headers":[["host","a"]],"method":"POST","org":"acme","path":"/mcp","#
        + #""source":"unknown","to":"gw1","v":1,"workload":"anyone"}"#

    private func framed(_ head: String, _ body: String = "{}") -> [UInt8] {
        let length = UInt32(head.utf8.count)
        let prefix = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) }
        return prefix + Array(head.utf8) + Array(body.utf8)
    }

    private func changed(_ old: String, _ new: String) -> String {
        Self.sample.replacing(old, with: new)
    }

    @Test func `a request is read as it was written`() throws {
        let read = try ForwardedRequest(parsing: framed(Self.sample))
        #expect(read.body == Array("{}".utf8) && read.head.workload == .anyone)
        #expect(read.head.contentLength == 2 && read.head.forwarder == "gw2")
        let again = ForwardedRequest(
            org: read.org, from: read.from, to: read.to, read.head, body: read.body)
        #expect(try again.bytes() == framed(Self.sample))
    }

    @Test(arguments: [
        (#""v":1"#, #""v":2"#), ("gw2", "GW2"), (#""gw1""#, #""""#), ("POST", "PO ST"),
        (#""/mcp""#, #""mcp""#), (#""/mcp""#, #""/m\ncp""#), (#""unknown""#, #""user:-1""#),
        (#""unknown""#, #""user:01""#), (#""unknown""#, #""address:1""#),
        (#""anyone""#, #""key:sha256:1""#), (#""anyone""#, #""user:4294967296""#),
        (#"["host","a"]"#, #"["Host","a"]"#), (#"["host","a"]"#, #"["host"]"#),
        (#"["host","a"]"#, #"["host","a\r\nb"]"#), (#"["host","a"]"#, #"["","a"]"#),
        (#"["host","a"]"#, #"["connection","close"]"#), (#""org":"acme","#, ""),
        (#""org":"acme","#, #""org":"acme","other":1,"#), (#"{"from"#, #"{ "from"#),
    ])
    func `a head of another form is refused`(_ old: String, _ new: String) {
        let head = changed(old, new)
        #expect(head != Self.sample)
        #expect(throws: FormError.self) { try ForwardedRequest(parsing: framed(head)) }
    }

    @Test(
        arguments: [
            [], [0, 0, 0], [0, 0, 0, 9, 1], [255, 255, 255, 255], [0, 0, 0, 0],
            [0, 4, 0, 1],
        ] as [[UInt8]])
    func `a length that is not that of a head is refused`(_ bytes: [UInt8]) {
        #expect(throws: FormError.self) { try ForwardedRequest(parsing: bytes) }
    }

    @Test func `fields above the limit are not sent`() throws {
        let text = String(repeating: "a", count: ForwardedRequest.headBytes)
        let head = RequestHead(
            listener: .agents, method: "POST", path: "/mcp", query: nil,
            headers: [("x", text)], contentLength: 0)
        let request = ForwardedRequest(
            org: "acme", from: NodeName("gw1").unwrapped, to: NodeName("gw2").unwrapped, head,
            body: [])
        #expect(throws: FormError.self) { try request.bytes() }
    }
}
