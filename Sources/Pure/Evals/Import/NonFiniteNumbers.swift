/// The constants `NaN`, `Infinity` and `-Infinity`, which Python's writers put where JSON has no number: a metric that is
/// undefined, or a sample without a score.
enum NonFiniteNumbers {
    private static let constants: [[UInt8]] = ["NaN", "Infinity", "-Infinity"].map {
        Array($0.utf8)
    }

    /// Replaces each constant outside of strings by `null`. Text that is no JSON for another reason stays so.
    static func asNull(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var place = 0
        var isInString = false
        while place < bytes.count {
            let byte = bytes[place]
            if isInString, byte == UInt8(ascii: "\\"), place + 1 < bytes.count {
                output.append(byte)
                output.append(bytes[place + 1])
                place += 2
                continue
            }
            if byte == UInt8(ascii: "\"") {
                isInString.toggle()
            } else if !isInString, let length = constant(in: bytes, at: place) {
                output += Array("null".utf8)
                place += length
                continue
            }
            output.append(byte)
            place += 1
        }
        return output
    }

    private static func constant(in bytes: [UInt8], at place: Int) -> Int? {
        switch bytes[place] {
        case UInt8(ascii: "N"), UInt8(ascii: "I"), UInt8(ascii: "-"): break
        default: return nil
        }
        return constants.first { bytes[place...].starts(with: $0) }?.count
    }
}
