import InterlockModel
import Testing

struct CredentialHeuristicTests {
    @Test(arguments: [
        "password", "passwd", "client_secret", "token", "api_key", "apikey", "api-key",
        "authorization", "private_key", "access_key", "cookie",
    ])
    func `what hides a value in a log is the name of a secret too`(_ word: String) {
        #expect(CredentialHeuristic.isLabel(word))
        #expect(CredentialHeuristic.isName(word) && CredentialHeuristic.isName(word.uppercased()))
    }

    @Test func `a mere part of a word hides nothing in a log`() {
        for word in ["monkey", "passage", "author", "keyboard"] {
            #expect(
                CredentialHeuristic.isName(word) && !CredentialHeuristic.isLabel(word), "\(word)")
        }
    }

    @Test(arguments: ["eyJ", "sk_", "ghu_", "xapp-", "npm_", "hf_", "AKIA"])
    func `a token needs more than its beginning`(_ beginning: String) {
        #expect(CredentialHeuristic.isToken(beginning + "01234567", rest: 8))
        #expect(!CredentialHeuristic.isToken(beginning + "0123456", rest: 8))
        #expect(!CredentialHeuristic.isToken("x" + beginning + "01234567", rest: 8))
    }
}
