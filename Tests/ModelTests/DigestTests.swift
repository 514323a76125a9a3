import InterlockModel
import InterlockTesting
import Testing

@Suite struct DigestTests {
    @Test func `base64 of 32 bytes comes back, and no other text of its length does`() {
        var random = SeededGenerator.announced()
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_ ".utf8)
        for _ in 0..<2000 {
            let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
            let text = Base64.encode(bytes)
            #expect(Digest(base64: text)?.bytes == bytes)
            var edited = Array(text.utf8)
            let place = Int.random(in: 0..<44, using: &random)
            edited[place] = alphabet.randomElement(using: &random) ?? 0
            let other = String(decoding: edited, as: UTF8.self)
            // The decoder of any length is the reference.
            let measure = Base64.decode(other).flatMap { $0.count == 32 ? $0 : nil }
            #expect(Digest(base64: other)?.bytes == measure, "\(other)")
        }
    }

    @Test(arguments: [0, 1, 31, 33, 64])
    func `another number of bytes is no digest`(count: Int) {
        #expect(Digest(base64: Base64.encode([UInt8](repeating: 7, count: count))) == nil)
    }

    @Test func `the two bits that no byte takes are zero, and nothing stands around the text`() {
        let text = Base64.encode([UInt8](repeating: 0, count: 32))
        #expect(text.hasSuffix("A="))
        #expect(Digest(base64: text) != nil)
        #expect(Digest(base64: text.dropLast(2) + "B=") == nil)
        #expect(Digest(base64: text.dropLast(1) + "A") == nil)
        #expect(Digest(base64: text + " ") == nil && Digest(base64: "") == nil)
    }
}
