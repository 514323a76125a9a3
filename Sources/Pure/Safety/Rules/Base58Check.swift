import InterlockModel

/// Base 58 with a checksum, as private keys of Bitcoin have it (https://en.bitcoin.it/wiki/Base58Check_encoding).
enum Base58Check {
    private static let letters = Array(
        "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)
    /// The bytes of the checksum: the first ones of a double SHA-256.
    private static let sumLength = 4

    static func isValid(_ value: [UInt8], hashing: any Hashing) -> Bool {
        guard let data = decoded(value), data.count > sumLength else { return false }
        let once = hashing.sha256(Array(data.dropLast(sumLength))).bytes
        return hashing.sha256(once).bytes.prefix(sumLength).elementsEqual(data.suffix(sumLength))
    }

    /// - Returns: nil if a letter is not one of base 58.
    private static func decoded(_ value: [UInt8]) -> [UInt8]? {
        // The least significant byte first.
        var number: [UInt8] = []
        for letter in value {
            guard let digit = letters.firstIndex(of: letter) else { return nil }
            var carry = digit
            for index in number.indices {
                carry += Int(number[index]) * letters.count
                number[index] = UInt8(carry & 0xff)
                carry >>= 8
            }
            while carry > 0 {
                number.append(UInt8(carry & 0xff))
                carry >>= 8
            }
        }
        let zeros = value.prefix { $0 == letters[0] }.count
        return [UInt8](repeating: 0, count: zeros) + Array(number.reversed())
    }
}
