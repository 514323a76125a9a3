import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockPorts
import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockSchemas

/// Reading a cookie from untrusted headers.
@Suite struct HostCookieTests {
    private let cookie = HostCookie.session

    private func value(_ headers: String...) -> String? {
        cookie.value(
            in: RequestHead(
                listener: .people, method: "GET", path: "/", query: nil,
                headers: headers.map { (name: "cookie", value: $0) }, contentLength: 0))
    }

    @Test func `one cookie of the name is found among others`() {
        let token = String(repeating: "t", count: 16)
        #expect(value("\(cookie.name)=\(token)") == token)
        #expect(value("a=1;  \(cookie.name)=\(token); b") == token)
        #expect(value("a=1", "\(cookie.name)=\(token)") == token)
        #expect(value(";;=;\(cookie.name)=\(token)=;") == token + "=")
    }

    @Test func `two of the name, a wrong length, another name and a long header are none`() {
        let token = String(repeating: "t", count: 16)
        let one = "\(cookie.name)=\(token)"
        #expect(value("\(one); \(one)") == nil)
        #expect(value(one, one) == nil)
        #expect(value("x\(one)") == nil && value("\(cookie.name)x=\(token)") == nil)
        #expect(value("\(cookie.name)=short") == nil && value(cookie.name) == nil && value() == nil)
        #expect(value("\(cookie.name)=\(token)\u{7f}") == nil)
        #expect(value(one + String(repeating: ";", count: 8192)) == nil)
    }
}

@Suite struct PathPatternTests {
    @Test func `a path of an operation gives its places, and a long one is none`() {
        let pattern: PathPattern = "/approvals/{approval}/deny"
        let places = PathSegments("/approvals/a/deny").flatMap(pattern.match)
        #expect(places == ["approval": "a"])
        for path in [
            "/approvals//deny", "/approvals/a/deny/", "/approvals/a", "/approvals/a/b",
            "/approvals/\(String(repeating: "a", count: 512))/deny", "",
        ] {
            #expect(PathSegments(path[...]).flatMap(pattern.match) == nil)
        }
    }
}
