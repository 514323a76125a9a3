/// The public key of a passkey: a COSE key as a CBOR map (docs/auditing.md, section 11).
struct CredentialKey {
    private var numbers: [Int: Int] = [:]
    private var strings: [Int: [UInt8]] = [:]

    private enum Item {
        case number(Int)
        case string([UInt8])
    }

    /// - Returns: nil if the bytes are not such a map. The algorithm is checked only when the key is used.
    init?(_ bytes: [UInt8]) {
        var cursor = ByteCursor(bytes)
        guard let head = cursor.integer(1), head >> 5 == 5, head & 31 < 24 else { return nil }
        for _ in 0..<(head & 31) {
            guard case .number(let name) = Self.item(&cursor), numbers[name] == nil,
                strings[name] == nil, let value = Self.item(&cursor)
            else { return nil }
            switch value {
            case .number(let number): numbers[name] = number
            case .string(let string): strings[name] = string
            }
        }
        guard cursor.isAtEnd else { return nil }
    }

    /// Reads an integer or a byte string.
    private static func item(_ cursor: inout ByteCursor) -> Item? {
        guard let head = cursor.integer(1) else { return nil }
        let short = head & 31
        guard short < 26, let number = short < 24 ? short : cursor.integer(short == 24 ? 1 : 2)
        else { return nil }
        switch head >> 5 {
        case 0: return .number(Int(number))
        case 1: return .number(-1 - Int(number))
        case 2: return cursor.take(Int(number)).map { .string(Array(cursor.bytes[$0])) }
        default: return nil
        }
    }

    func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        switch numbers {
        case [1: 2, 3: -7, -1: 1]:
            guard strings.count == 2, let x = strings[-2], let y = strings[-3] else { return false }
            return Crypto.verifiesES256(signature, of: message, x: x, y: y)
        case [1: 1, 3: -8, -1: 6]:
            guard strings.count == 1, let key = strings[-2] else { return false }
            return Crypto.verifies(signature, of: message, by: key)
        case [1: 3, 3: -257]:
            guard strings.count == 2, let modulus = strings[-1], let exponent = strings[-2] else {
                return false
            }
            return Crypto.verifiesRS256(
                signature, of: message, modulus: modulus, exponent: exponent)
        default: return false
        }
    }
}
