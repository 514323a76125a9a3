import InterlockModel
import InterlockSafety

/// Finds the word `secret`; counts the texts that it was given.
final class WordScanner: ContentScanner {
    let digest: Digest
    private(set) var texts = 0
    var failure: ScanFailure?
    private var bytes: [UInt8] = []

    init(_ number: UInt64 = 1) { digest = Digest(words: (number, 0, 0, 0)) }

    func begin() {
        texts += 1
        bytes = []
    }
    func take(_ part: Span<UInt8>) throws(ScanFailure) {
        for index in part.indices { bytes.append(part[index]) }
    }
    func finish() throws(ScanFailure) -> SecretFindings {
        if let failure { throw failure }
        var findings = SecretFindings()
        if String(decoding: bytes, as: UTF8.self).contains("secret") {
            findings.add(
                SecretFinding(
                    rule: .brokered, secretClass: .token, strength: .block, offset: 0,
                    length: 6, line: 1))
        }
        return findings
    }
}
