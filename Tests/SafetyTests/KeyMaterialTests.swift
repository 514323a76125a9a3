import InterlockTesting
import Testing

@testable import InterlockSafety

/// The text behind the marker of a private key (docs/decisions/0155-the-bars-of-the-search.md).
@Suite(.requirement("R082")) struct KeyMaterialTests {
    private static let begin = "-----BEGIN " + "PRIVATE KEY-----"
    private static let key = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"
    private static let line = key + "BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"

    private func follows(_ text: String) -> Bool {
        KeyMaterial.follows(markerOf: Array((Self.begin + text).utf8))
    }

    @Test(
        arguments: [
            "\n\(key)", "\r\n\(key)\r\n", " \(key)", key, "\\n\(key)", "\\\\n\(key)",
            "\\r\\n\(key)",
            "\\u000a\(key)", "\n\n    \(key)", "\",\n  \"\(key)\"", "\", \"\(key)\"",
            "'\n. '\(key)'",
            "\\n\" +\n  \"\(key)", "\\n\" \\\n\"\(key)", "\n+\(key)", "\n-\(key)", "\n> \(key)",
            "\n# \(key)", "\n// \(key)", "\nbody\n\(key)", "\ntype\ntext\ntext\n\(key)",
            "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n\(key)",
            "\\nProc-Type: 4,ENCRYPTED\\nDEK-Info: AES-128-CBC,00\\n\\n\(key)",
            " Version: GnuPG v2  lQHYBGdq3xkBBADKp0", "\nComment: of\n  several words\n\(key)",
            "\nMIIEvQIBADANBgkq", "\nb3BlbnNzaC1rZXkt", "\nAAECAwQFBgcICQoLDA0ODw",
            "\nMIIEvQIBA\\/DANBgkq",
            "\n" + String(repeating: "0aB1", count: 4) + "cdEFghIJ",
        ])
    func `the text of a key is found in the forms of files, strings and lists`(text: String) {
        #expect(follows(text))
    }

    /// `cat -n`, `docker logs -t`, `grep -n` and `grep -r` with lines around a match, the reading tools of coding
    /// agents, and pages.
    @Test(
        arguments: [
            "\n     2\t\(key)\n     3\t\(key)", "\n     2→\(key)", "\n2:\(key)", "\n2-\(key)",
            "\n2 \(key)", "\n  2 | \(key)", "\n0002: \(key)", "\\n     2\\t\(key)",
            "\n2026-11-29T22:00:09.123456789Z \(key)", "\n2026-11-29 22:00:09+01:00 \(key)",
            "\nkey.pem:\(line)", "\ncerts/server.key-\(line)", "\n./certs/server.key:2:\(line)",
            "\n./certs/server.key-2-\(line)", "<br>\(key)", "<br/>\n\(key)", "<br />\(key)",
            "^M\n\(key)^M\n", "^M$\n\(key)", "\u{1b}[m\n\u{1b}[1;32m+\(key)\u{1b}[0m\n",
            "&#10;\(key)", "&#xA;\(key)", "&#13;&#10;\(key)", "</code>\n<code>\(key)",
        ])
    func `the text of a key is found behind numbers of lines, paths and tags`(text: String) {
        #expect(follows(text))
    }

    @Test(
        arguments: [
            "\n2 words \(line)", "\n2026-11-29T22:00:09Z started \(line)",
            "</code> is the first line\n\(line)", "\n  2\tMIIE...\n",
            "\ncrypto.createPrivateKey(body)\nparse.parsePKCS8PrivateKey(AAA)\n",
            "\nhttps://example.com/Keys-2026/\(String(repeating: "aB1", count: 30))\n",
            "\n2\t-----END PRIVATE KEY-----\n\(line)",
        ])
    func `numbers, paths and addresses alone are no key`(text: String) {
        #expect(!follows(text))
    }

    @Test(
        arguments: [
            "", "\n", "-", " begins a key", "\\n\" + body + end", "\n...\n", "\n<key>\n",
            "\nMIIE...\n",
            "\nMIIEvQIBADANBgkqhkiG...\n", "\nMIIEvQIBADANBgkqhkiG…\n", "\nXXXX\nXXXX\n",
            "\n" + String(repeating: "x", count: 64), "\n" + String(repeating: "xX0", count: 20),
            "\nYOUR_PRIVATE_KEY_GOES_HERE\n", "\nyour-private-key-goes-here\n",
            "\nYourPrivateKeyGoesHere\n", "\n0123456789ABCDEF0123456789ABCDEF\n",
            "\nMIIEvQIBADANBgk\n", "\nreturn parsePKCS8PrivateKey\n", "\nkey = \(key)\n",
            "\n-----END PRIVATE KEY-----\n\(key)", "\\n-----END PRIVATE KEY-----\\n\(key)",
            "\n" + String(repeating: "a\n", count: 9) + key,
            String(repeating: "\n", count: KeyMaterial.reach) + key,
        ])
    func `documentation, code and placeholders have none`(text: String) {
        #expect(!follows(text))
    }

    @Test func `a text that does not begin with a marker has none`() {
        for text in ["", "-", "----", "a-----\n\(Self.key)", "-----BEGIN \(Self.key)"] {
            #expect(!KeyMaterial.follows(markerOf: Array(text.utf8)), "\(text)")
        }
    }

    /// No bytes end the process, wherever a text is cut.
    @Test func `any bytes are answered`() {
        var chance = SeededGenerator.announced()
        let alphabet = Array("-\\nru:\n\r +MIIEa0/.[<".utf8) + [0x1b, 0xe2, 0xff]
        for _ in 0..<rounds(5_000) {
            let text = (0..<Int.random(in: 0...80, using: &chance)).map { _ in
                alphabet.randomElement(using: &chance) ?? 0
            }
            _ = KeyMaterial.follows(markerOf: Array(Self.begin.utf8) + text)
            _ = KeyMaterial.follows(markerOf: text)
        }
    }
}
