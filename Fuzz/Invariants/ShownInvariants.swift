import InterlockApprovals
import InterlockModel

extension Invariants {
    /// The text displayed to people is the whole text, and every scalar of it is visible.
    package static func shown(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        check(RevealedText(text), of: text)
        guard let decoded = DecodedText(text) else { return }
        precondition(decoded.count > 0, "a code stands for something")
        if let inner = decoded.text {
            precondition(inner.utf8.count == decoded.count, "the inside is whole")
            check(RevealedText(inner), of: inner)
        }
    }

    private static func check(_ shown: RevealedText, of text: String) {
        var again = String.UnicodeScalarView()
        for span in shown.spans {
            switch span {
            case .plain(let plain):
                precondition(plain.unicodeScalars.allSatisfy(\.isSeen), "unseen")
                again += Array(plain.unicodeScalars)
            case .hidden(let scalar): again.append(scalar)
            case .sign(let sign): again.append(sign.rawValue)
            }
        }
        precondition(Array(again) == Array(text.unicodeScalars), "nothing is left out")
        precondition(shown.line.unicodeScalars.allSatisfy(\.isSeen), "unseen")
    }
}
