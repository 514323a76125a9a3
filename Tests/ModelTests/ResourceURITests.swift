import InterlockTesting
import Testing

@testable import InterlockModel

/// Each accepted resource URI has one form; any ambiguous one is rejected (decision 0019).
@Suite struct `URIs of resources` {
    private func form(_ text: String) -> String? { (try? ResourceURI(text))?.text }

    @Test(arguments: [
        ("tickets://7", "tickets://7"), ("TICKETS://A/b", "tickets://A/b"),
        ("tickets://%41%7e%2D", "tickets://A~-"), ("x:y", "x:y"),
        ("file:///srv/a%20b%c3%a9", "file:///srv/a%20b%C3%A9"),
        ("HTTPS://Example.COM/A?B=C#D", "https://example.com/A?B=C#D"),
        ("x://a/", "x://a/"), ("x://a%25", "x://a%25"), ("x://a?b=%26", "x://a?b=%26"),
    ])
    func `are folded where case and escapes say nothing`(written: String, expected: String) {
        #expect(form(written) == expected)
        #expect(form(expected) == expected, "once more changes nothing")
    }

    @Test(arguments: [
        "", "x", "x:", ":x", "1x://a", "interlock:desk:x://a", "INTERLOCK:desk:x", "x://a b",
        "x://\u{e9}", "x://a\\b", "x://{id}", "x://a\"", "x://%", "x://%4", "x://%zz", "x://%00",
        "x://%0a", "x://%7f", "x://a%2fb", "x://a%5Cb", "x://%252e", "x://%25%32f", "x://%252%66",
        "x://%25%35%36", "x://a/../b", "x://a/..",
        "x://a/%2e%2E/b", "x://a/./b", "x://a/.%2e", "x://..", "x:..", "x://a?file=../b",
        "x://a//b", "file:////etc", "x://a?p=..&q", "x://a#..",
        "x://" + String(repeating: "a", count: 2048),
    ])
    func `are refused where a server could take them for another`(written: String) {
        #expect(form(written) == nil)
    }

    @Test func `of random text are one form at most`() throws {
        var random = SeededGenerator.announced()
        let letters = Array("aZ/.%2eE5cC:?#&=~-_+@")
        let parts = letters.map(String.init) + ["%25", "%2", "%35", "%66"]
        for _ in 0..<20_000 {
            let text =
                "x:"
                + (0..<Int.random(in: 0...12, using: &random)).map { _ in
                    parts.randomElement(using: &random) ?? "a"
                }.joined()
            guard let form = form(text) else { continue }
            #expect(self.form(form) == form, "\(text)")
            let pieces = form.split(whereSeparator: { "/?#&=;:".contains($0) })
            #expect(!pieces.contains("..") && !pieces.contains("."), "\(text)")
        }
    }
}

@Suite struct `Templates of resources` {
    private func match(_ template: String, _ uri: String) throws -> [String: String]? {
        try URITemplate(template).match(try ResourceURI(uri)).map {
            Dictionary(uniqueKeysWithValues: $0.map { ($0.name, $0.value) })
        }
    }

    @Test func `take variables from their places`() throws {
        #expect(try match("tickets://{id}", "tickets://7") == ["id": "7"])
        #expect(try match("tickets://{id}", "tickets://a%20b") == ["id": "a b"])
        #expect(try match("t://{a}/x/{b}", "t://1/x/2") == ["a": "1", "b": "2"])
        #expect(try match("t://{+p}/k/{id}", "t://a/k/b/k/c") == ["p": "a/k/b", "id": "c"])
        #expect(try match("t://all", "t://all") == [:])
        #expect(try match("t://{+p}", "t://a/b?c=d") == ["p": "a/b?c=d"])
    }

    @Test(arguments: [
        ("tickets://{id}", "tickets://a/b"), ("tickets://{id}", "tickets://"),
        ("tickets://{id}", "tickets://a?b"), ("tickets://{id}", "other://a"),
        ("t://{a}/x/{b}", "t://1/y/2"), ("t://all", "t://all2"), ("t://{a}1", "t://%21"),
        ("t://{a}", "t://%ff"),
    ])
    func `match nothing else`(template: String, uri: String) throws {
        #expect(try match(template, uri) == nil)
    }

    @Test(arguments: [
        "x://{", "x://{}", "x://{a-b}", "x://{uri}", "x://{a}{b}", "x://{a}/{a}", "{s}://x",
        "x://{?q}", "x://%41{a}", "X://a", "x://a//{b}", "interlock:x:{a}",
        "x:" + (0..<9).map { "/{v\($0)}" }.joined(),
    ])
    func `are refused where it is not said what they match`(template: String) {
        #expect(throws: URITemplateFault.self) { try URITemplate(template) }
    }

    @Test func `of servers have samples`() {
        #expect(URITemplate.sample(of: "t://{id}/d{?q,r}") == "t://v/d?v=v")
        #expect(URITemplate.sample(of: "t://{+p}") == "t://v/v")
        #expect(URITemplate.sample(of: "t://{") == nil)
        #expect(URITemplate.sample(of: "t://{}") == nil)
    }

    /// No URI takes long to match, whatever the template.
    @Test(.timeLimit(.minutes(1))) func `are matched in one pass`() throws {
        let template = try URITemplate(
            "x://{+a}/a{+b}/a{+c}/a{+d}/a{+e}/a{+f}/a{+g}/a{+h}/b")
        let uri = try ResourceURI("x://a" + String(repeating: "/aa", count: 680))
        for _ in 0..<20 { #expect(template.match(uri) == nil) }
    }
}
