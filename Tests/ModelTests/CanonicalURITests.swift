import InterlockModel
import Testing

@Suite struct CanonicalURITests {
    @Test(arguments: [
        ("https://gw.example/mcp", "https://gw.example/mcp"),
        ("HTTPS://GW.Example:8443/Mcp", "https://gw.example:8443/Mcp"),
        ("http://[::1]:7400/mcp", "http://[::1]:7400/mcp"),
        ("https://gw.example", "https://gw.example"),
    ])
    func `scheme and host are folded, the path is not`(_ written: String, _ text: String) throws {
        #expect(try #require(CanonicalURI(written)).text == text)
    }

    @Test(arguments: [
        "", "gw.example/mcp", "ftp://gw.example/mcp", "https://", "https:///mcp",
        "https://gw.example/", "https://gw.example/mcp/", "https://gw.example/mcp#a",
        "https://gw.example/mcp?a", "https://u@gw.example/mcp", "https://gw.example:99999/mcp",
        "https://gw.example:080/mcp", "https://gw example/mcp", "https://gw.example/m\"cp",
        "https://gw.example/é", "https://[::1/mcp", "https://g_w/mcp",
    ])
    func `what is no URI of a resource`(_ written: String) {
        #expect(CanonicalURI(written) == nil)
    }

    @Test func `an audience is compared to the byte behind the host`() throws {
        let uri = try #require(CanonicalURI("https://gw.example/mcp"))
        #expect(uri.isNamed(by: "https://gw.example/mcp"))
        #expect(uri.isNamed(by: "Https://GW.EXAMPLE/mcp"))
        for other in [
            "https://gw.example/MCP", "https://gw.example/mcp/", "https://gw.example", "",
        ] {
            #expect(!uri.isNamed(by: other))
        }
    }
}
