import InterlockHosts
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

struct HostTextTests {
    @Test func `each form of a variable is told apart`() {
        let text = "a${X}${Y:-z}${env:Z}${input:k}${workspaceFolder}${userHome}${file:x}${"
        #expect(
            HostText(text).variables == [
                .environment("X", standIn: nil), .environment("Y", standIn: "z"),
                .environment("Z", standIn: nil), .input("k"), .workspaceFolder, .userHome,
                .unknown("file:x"),
            ])
    }

    @Test func `a variable without a value is named, and a default is not shown`() {
        do throws(UnknownVariable) {
            _ = try HostText("x ${KEY:-hidden}").filled { _ in nil }
            Issue.record("it is filled")
        } catch { #expect(error.variable.text == "${KEY:-...}") }
    }

    @Test(arguments: [
        (["--api-key", "abc"], 2), (["--token=abc"], 1), (["x", "sk-0123456789abcdef"], 2),
        (["--header", "Bearer abcdefghijk"], 2), (["postgres://me:pw@db/shop"], 1),
        (["API_TOKEN=1"], 1), (["--repository", "/srv/key"], nil), (["--no-auth"], nil),
        (["--verbose", "--auth-mode"], nil), ([], nil), (["https://x.example/a@b"], nil),
    ])
    func `an argument that looks like a secret is found`(_ words: [String], _ place: Int?) {
        #expect(SecretHeuristic.place(in: words) == place)
    }

    @Test func `names become keys, each once`() {
        var keys = ServerKeys()
        let names = [
            "My Server!", "my-server", "MY  SERVER", "日本", "_", String(repeating: "x-", count: 40),
        ]
        #expect(
            names.map { keys.take($0)?.text } == [
                "my-server", "my-server-2", "my-server-3", nil, nil,
                String(repeating: "x-", count: 15) + "x",
            ])
    }

    @Test func `any names make distinct keys that fit`() {
        var chance = SeededGenerator.announced()
        let letters = Array("aB9-_ .é/")
        for _ in 0..<200 {
            var keys = ServerKeys()
            var seen: Set<ServerName> = []
            for _ in 0..<40 {
                let count = Int.random(in: 0...40, using: &chance)
                let name = String(
                    (0..<count).map { _ in letters.randomElement(using: &chance) ?? "a" })
                guard let key = keys.take(name) else { continue }
                #expect(seen.insert(key).inserted)
            }
        }
    }

    @Test(arguments: [
        ("get_user", #"{"readOnlyHint": true}"#, ToolClass.read),
        ("delete_user", #"{"readOnlyHint": true}"#, .write), ("get_user", "{}", .write),
        ("getUser", #"{"readOnlyHint": false}"#, .write),
        ("x", #"{"destructiveHint": true}"#, .destructive),
        ("x", #"{"readOnlyHint": true, "destructiveHint": true}"#, .destructive),
        ("list", #"{"readOnlyHint": "yes"}"#, .write),
        ("sendMail", #"{"readOnlyHint": true}"#, .write),
    ])
    func `only an explicit claim that nothing contradicts is proposed as read`(
        _ name: String, _ annotations: String, _ expected: ToolClass
    ) throws {
        let value = try JSONValue(parsing: Array(annotations.utf8), limits: .agent)
        #expect(ToolSuggestion(name: name, annotations: value.object).toolClass == expected)
    }
}
