import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockSafety

/// The bytes of a URL that are not of the user's request (docs/specs/output-safety.md, section 7, "Egress side channels").
@Suite(.requirement("R085")) struct SentTargetTests {
    private static let today = CivilDate("2026-11-29").unwrapped

    private func beyond(_ target: String, request: String = "") -> Int {
        var index = LabelIndex(key: (3, 5))
        index.add(request: request, on: Self.today)
        return index.bytesBeyondRequest(inTarget: target)
    }

    @Test(arguments: [
        ("", "", 0), ("/", "", 0), ("/ab", "", 2), ("/ab/cde", "", 5), ("/ab?c=de", "", 5),
        // A word of the request counts for its choice, once.
        ("/refund/policy", "the refund policy", 4), ("/refund/refund", "the refund policy", 8),
        ("/search?q=refund+policy", "search: q is refund policy", 5),
        ("/search?q=refund%20policy", "search: q is refund policy", 7),
        // Other signs between words, and capital letters inside them, say something, too.
        ("/refund,policy", "the refund policy", 3), ("/Refund/POLICY", "the refund policy", 4),
        ("/ReFuNd", "the refund policy", 4),
        // The whole URL is free, and what its spelling adds is not.
        ("/a/b?c=d", "open https://x.example/a/b?c=d", 0),
        ("/a/./b", "open https://x.example/a/b", 2),
        ("/a//b/", "open https://x.example/a/b", 2),
        ("/%61/b", "open https://x.example/a/b", 2),
        // Separators in a row say something, too.
        ("/ab//////", "ab", 7), ("/ab?&&&", "ab", 5),
        // Words in another order are no phrase of the request.
        ("/policy%20refund", "the refund policy", 15),
    ])
    func `what the request has counts for what its choice and its spelling add`(
        _ target: String, _ request: String, _ count: Int
    ) {
        #expect(beyond(target, request: request) == count)
    }

    @Test func `words of a long request carry no more than others`() {
        let words = (0..<200).map { "word\($0)" }
        let request = words.joined(separator: " ")
        #expect(beyond("/" + words.reversed().joined(separator: "/"), request: request) == 400)
        // They are one part in their own order and without other signs.
        #expect(beyond("/?" + words.joined(separator: "+"), request: request) == 2)
    }

    @Test func `values of other sources are not free`() {
        var index = LabelIndex(key: (3, 5))
        index.add(trusted: ["text": "refund"], answering: [:])
        index.add(untrusted: ["text": "policy"], of: "mail.search", isNamed: false)
        #expect(index.bytesBeyondRequest(inTarget: "/refund/policy") == 12)
    }

    @Test func `any bytes have a count that is at most their number`() {
        var random = SeededGenerator.announced()
        let letters = Array("ab/?#&;=%+.~:-_2f\u{e9}\u{10}\u{3000} \"".unicodeScalars)
        for _ in 0..<rounds(2000) {
            var target = ""
            for _ in 0..<Int.random(in: 0...40, using: &random) {
                let letter = letters[Int.random(in: 0..<letters.count, using: &random)]
                target.unicodeScalars.append(letter)
            }
            let count = beyond(target, request: "a b ab http://x.example/a/b?a=b 2f")
            #expect((0...target.utf8.count).contains(count), "\(target)")
            // Each byte but one separator before a part counts if there is no request.
            let all = beyond(target)
            #expect(all >= count && all <= target.utf8.count, "\(target)")
        }
    }
}
