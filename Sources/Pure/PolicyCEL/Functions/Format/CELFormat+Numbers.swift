extension CELFormat.Clause {
    /// Returns false if this clause cannot write such a value.
    func write(
        _ value: CELValue, to output: inout CELTextBuilder, _ budget: inout CELBudget
    ) throws(CELFault) -> Bool {
        if case .text = self { return try CELFormat.writeText(value, to: &output, &budget) }
        guard let text = number(value) else { return false }
        try output.append(text, &budget)
        return true
    }

    /// The text that any clause but `%s` writes, or nil if the clause cannot write the value.
    private func number(_ value: CELValue) -> String? {
        switch self {
        case .text: nil
        case .decimal: decimal(value)
        case .fixed(let precision): real(value) { ExactDecimal($0).fixed(precision) }
        case .scientific(let precision): real(value) { ExactDecimal($0).scientific(precision) }
        case .binary:
            if case .bool(let bool) = value { bool ? "1" : "0" } else { integer(value, radix: 2) }
        case .octal: integer(value, radix: 8)
        case .hex(let isUpper): hex(value, isUpper)
        }
    }

    /// The text of an integer, or of a double that is not finite; nil for any other value.
    private func decimal(_ value: CELValue) -> String? {
        if case .double(let double) = value {
            return double.isFinite ? nil : CELDouble.text(double)
        }
        return integer(value, radix: 10)
    }

    private func integer(_ value: CELValue, radix: Int, isUpper: Bool = false) -> String? {
        switch value {
        case .int(let int): String(int, radix: radix, uppercase: isUpper)
        case .uint(let uint): String(uint, radix: radix, uppercase: isUpper)
        default: nil
        }
    }

    private func real(_ value: CELValue, _ text: (Double) -> String) -> String? {
        switch value {
        case .int(let int): text(Double(int))
        case .uint(let uint): text(Double(uint))
        case .double(let double): double.isFinite ? text(double) : CELDouble.text(double)
        default: nil
        }
    }

    private func hex(_ value: CELValue, _ isUpper: Bool) -> String? {
        switch value {
        case .string(let text): hex(Array(text.utf8), isUpper)
        case .bytes(let bytes): hex(bytes, isUpper)
        default: integer(value, radix: 16, isUpper: isUpper)
        }
    }

    private func hex(_ bytes: [UInt8], _ isUpper: Bool) -> String {
        let digits = Array((isUpper ? "0123456789ABCDEF" : "0123456789abcdef").utf8)
        let text = [UInt8](capacity: bytes.count * 2) { output in
            for byte in bytes {
                output.append(digits[Int(byte >> 4)])
                output.append(digits[Int(byte & 15)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
