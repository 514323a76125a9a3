import InterlockAdministration
import InterlockGovernor
import InterlockPorts
import Testing

@testable import InterlockAPI
@testable import InterlockConsole

@Suite("Who tries to sign in") struct VisitorTests {
    @Test(
        arguments: [
            ([], nil),
            (["192.0.2.7"], "192.0.2.7"),
            // The proxy appends the address that it sees after anything that the client sent.
            (["127.0.0.1, 192.0.2.7"], "192.0.2.7"),
            (["127.0.0.1", "10.0.0.1,2001:db8::7"], "2001:db8::7"),
            ([""], nil),
        ] as [([String], String?)])
    func `is the last address that the proxy adds`(values: [String], visitor: String?) {
        let head = RequestHead(
            listener: .people, method: "POST", path: "/sign-in/challenge", query: nil,
            headers: values.map { ("x-forwarded-for", $0) }, contentLength: nil)
        #expect(head.visitor == visitor)
    }

    @Test func `has no more than an address' length`() {
        let head = RequestHead(
            listener: .people, method: "POST", path: "/sign-in/challenge", query: nil,
            headers: [("x-forwarded-for", String(repeating: "1", count: 8000))], contentLength: nil)
        #expect(head.visitor?.count == 64)
    }
}
