import InterlockAdministration
import InterlockGovernor
import InterlockPorts
import Testing

@testable import InterlockAPI
@testable import InterlockConsole

/// The requests that the people plane refuses before it reads a body.
@Suite struct PageRequestTests {
    private let requests = PageRequest(
        origins: OwnOrigins(texts: ["https://a.example", "https://b.example:8443"]))
    private let form = "application/x-www-form-urlencoded"

    /// - Returns: the status of the refusal, or 0 and the permitted size of the body in bytes.
    private func judge(
        _ method: String, _ takes: PageRequest.Takes?, host: String = "a.example",
        _ more: [(name: String, value: String)] = []
    ) -> [Int] {
        let head = RequestHead(
            listener: .people, method: method, path: "/x", query: nil,
            headers: [("host", host)] + more, contentLength: 0)
        let verdict = requests.judge(
            head, takes: takes, none: HTTPResponse(status: 404),
            refusal: { status, _ in HTTPResponse(status: status) })
        return switch verdict {
        case .refuse(let response): [response.status]
        case .readBody(let limit): [0, limit]
        }
    }

    private func sent(
        from origin: String?, site: String? = "same-origin"
    ) -> [(name: String, value: String)] {
        [("content-type", form)] + (origin.map { [("origin", $0)] } ?? [])
            + (site.map { [("sec-fetch-site", $0)] } ?? [])
    }

    @Test func `each path takes what it takes`() {
        for (takes, allowed) in [
            (.reading, ["GET", "HEAD"]), (.form(limitBytes: 7), ["POST"]),
            (.both(limitBytes: 7), ["GET", "HEAD", "POST"]),
        ] as [(PageRequest.Takes, [String])] {
            for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "get"] {
                let wanted =
                    !allowed.contains(method) ? [405] : method == "POST" ? [0, 7] : [0, 0]
                #expect(judge(method, takes, sent(from: "https://a.example")) == wanted)
            }
        }
        #expect(judge("GET", nil) == [404])
    }

    @Test func `a form is of the origin whose host was asked, whichever path takes it`() {
        for takes in [.form(limitBytes: 7), .both(limitBytes: 7)] as [PageRequest.Takes] {
            let other = sent(from: "https://b.example:8443")
            #expect(judge("POST", takes, other) == [403])
            #expect(judge("POST", takes, host: "b.example:8443", other) == [0, 7])
            for origin in [nil, "null", "http://a.example", "https://a.example.evil"] {
                #expect(judge("POST", takes, sent(from: origin)) == [403])
            }
            for site in ["cross-site", "same-site", "none"] {
                #expect(judge("POST", takes, sent(from: "https://a.example", site: site)) == [403])
            }
            #expect(judge("POST", takes, sent(from: "https://a.example", site: nil)) == [0, 7])
            let json = [("origin", "https://a.example"), ("content-type", "application/json")]
            #expect(judge("POST", takes, json) == [415])
        }
    }

    @Test func `another host and a token of an agent are refused before anything is said`() {
        for takes in [nil, .reading, .both(limitBytes: 7)] as [PageRequest.Takes?] {
            #expect(judge("GET", takes, host: "evil.example") == [421])
            #expect(judge("GET", takes, [("authorization", "Bearer x")]) == [403])
        }
    }
}
