import InterlockMCP
import Testing

@Suite struct LogRedactionTests {
    @Test(arguments: [
        ("password=hunter2 rest", "password=[redacted] rest"),
        ("API_KEY: abc", "API_KEY: [redacted]"),
        ("{\"token\": \"a b\", \"x\": 1}", "{\"token\": \"[redacted]\", \"x\": 1}"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [redacted]"),
        ("authorization: Basic dXNlcg==", "authorization: Basic [redacted]=="),
        ("sent bearer abc", "sent bearer [redacted]"),
        ("jwt eyJhbGciOiJFZERTQSJ9.e30.sig", "jwt [redacted]"),
        ("key ghp_0123456789abcdef end", "key [redacted] end"),
        ("key hf_0123456789abcdef end", "key [redacted] end"),
        ("the token was refused", "the token was refused"),
        ("listening on 127.0.0.1:80", "listening on 127.0.0.1:80"),
        ("my-very-secret-text in a url", "[redacted] in a url"),
        ("pin x9, not ax9b", "pin [redacted], not ax9b"),
        ("it is p w here", "it is [redacted] here"),
        ("", ""),
    ])
    func `what looks like a credential is taken out`(line: String, shown: String) {
        let redaction = LogRedaction(secrets: ["my-very-secret-text", "x9", "p w", ""])
        #expect(redaction.redacted(line) == shown)
    }
}
