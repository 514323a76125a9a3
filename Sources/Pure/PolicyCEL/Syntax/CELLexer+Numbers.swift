extension CELLexer {
    /// Reads decimal or hexadecimal digits, with `u` for a uint, or a double with fraction or exponent.
    mutating func number() throws(CELProblem) -> CELToken.Kind {
        let start = offset
        let first = position
        if take("0"), peek() == UInt8(ascii: "x") || peek() == UInt8(ascii: "X"),
            hexDigit(peek(1)) != nil
        {
            advance()
            return try integer(radix: 16, at: start)
        }
        skipDigits()
        var isDouble = false
        // A dot that no digit follows selects a field: `1.size()`.
        if peek() == UInt8(ascii: "."), isDigit(peek(1)) {
            isDouble = true
            advance()
            skipDigits()
        }
        if exponentFollows {
            isDouble = true
            advance(isDigit(peek(1)) ? 1 : 2)
            skipDigits()
        }
        guard isDouble else {
            rewind(to: first, offset: start)
            return try integer(radix: 10, at: start)
        }
        guard let value = Double(text(from: first)), value.isFinite else {
            throw syntax("the number is beyond the range of double", at: start)
        }
        return .literal(.double(value))
    }

    private var exponentFollows: Bool {
        guard peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") else { return false }
        let isSigned = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-")
        return isDigit(peek(isSigned ? 2 : 1))
    }

    private mutating func skipDigits() {
        while isDigit(peek()) { advance() }
    }

    private mutating func integer(radix: UInt64, at start: Int) throws(CELProblem) -> CELToken.Kind
    {
        var value: UInt64 = 0
        while let digit = hexDigit(peek()), digit < radix {
            advance()
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: radix)
            let (sum, carry) = product.addingReportingOverflow(digit)
            guard !isTooLarge, !carry else {
                throw syntax("the number has more than 64 bits", at: start)
            }
            value = sum
        }
        return take("u") || take("U") ? .literal(.uint(value)) : .integer(value)
    }
}

func hexDigit(_ byte: UInt8?) -> UInt64? {
    switch byte {
    case let byte? where isDigit(byte): UInt64(byte - UInt8(ascii: "0"))
    case let byte? where (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20):
        UInt64((byte | 0x20) - UInt8(ascii: "a") + 10)
    default: nil
    }
}
