import InterlockJSON
import InterlockModel

extension LabelIndex {
    /// Returns the worst label of the keys in a value that is not declared as one itself: of each URL, host, address,
    /// mention, and number of a phone or an account in a text, and of a number that may be one of the last two.
    ///
    /// - Returns: nil if it has none.
    func labelledKey(in value: JSONValue, _ constants: LabelConstants) -> Labelled? {
        switch value {
        case .null, .bool, .array, .object: nil
        case .integer(let number):
            hasManyDigits(NumberReadings.canonical(number)) ? labelled(number: value) : nil
        case .number(let number):
            hasManyDigits(NumberReadings.canonical(number)) ? labelled(number: value) : nil
        case .string(let text): labelledKey(of: TextValues(text, hasher), constants)
        }
    }

    private func hasManyDigits(_ bytes: [UInt8]) -> Bool {
        bytes.count(where: { isDigit($0) }) >= Self.leastDigits
    }

    private func labelledKey(of values: TextValues, _ constants: LabelConstants) -> Labelled? {
        var worst: Labelled?
        func note(_ found: Labelled) {
            if worst == nil { worst = found } else { worst?.worsen(by: found) }
        }
        var token = 0
        while token < values.count {
            guard !isDay(values, token) else {
                token += 1
                continue
            }
            let numbers = numbers(in: values, from: token)
            let known = numbers.first { origins(of: $0.hash).bits & Origins.good != 0 }
            if let known, numbers.allSatisfy({ $0.end <= known.end }),
                !(token..<known.end).contains(where: { isIPv4(values, $0) })
            {
                // All of it is known, so its parts do not count for themselves.
                note(labelled(origins(of: known.hash)))
                token = known.end
                continue
            }
            for number in numbers { note(labelled(origins(of: number.hash))) }
            if isEntity(values, token) { note(labelled(values, token, constants)) }
            token += 1
        }
        return worst
    }

    private func numbers(
        in values: TextValues, from token: Int
    ) -> [(hash: UInt64, end: Int)] {
        var numbers: [(hash: UInt64, end: Int)] = []
        for number in values.numbers(from: token) { numbers.append((number.hash, number.end)) }
        if let group = values.groups(from: token, leastDigits: Self.leastDigits) {
            numbers.append(group)
        }
        return numbers
    }

    /// True for a token that is a day and nothing else. It has as many digits as a phone number.
    private func isDay(_ values: TextValues, _ token: Int) -> Bool {
        let range = values.text.tokens[token].range
        return range.count <= 10 && !DateReadings.dates(values.text.bytes[range]).isEmpty
    }
}
