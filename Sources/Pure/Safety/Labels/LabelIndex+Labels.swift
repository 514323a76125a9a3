import InterlockJSON
import InterlockModel

extension LabelIndex {
    /// A label with the source of an untrusted value.
    struct Labelled {
        var label: ValueLabel
        var source: Int?

        mutating func worsen(by other: Labelled) {
            if other.label.severity > label.severity { self = other }
        }
    }

    func unknown() -> Labelled { Labelled(label: isComplete ? .made : .untrusted) }

    func labelled(_ origins: Origins) -> Labelled {
        guard let label = origins.label else { return unknown() }
        return Labelled(label: label, source: label.severity > 1 ? origins.source : nil)
    }

    func labelled(number: JSONValue) -> Labelled {
        let digits: [UInt8]
        switch number {
        case .integer(let value): digits = NumberReadings.canonical(value)
        case .number(let value): digits = NumberReadings.canonical(value)
        case .null, .bool, .string, .array, .object: return unknown()
        }
        var all = origins(of: hasher.hash(.number, digits))
        // A number with an exponent is a word of a text.
        all.add(origins(of: hasher.hash(.word, digits)))
        return labelled(all)
    }

    /// Returns the worst label of the values that a text is or has in it.
    ///
    /// - Returns: nil for a text without a letter and a digit.
    func labelled(_ text: String, _ constants: LabelConstants) -> Labelled? {
        let values = TextValues(text, hasher)
        guard values.count > 0 else { return nil }
        var whole = Origins()
        let readings = combined(
            isAddress: values.words.indices.contains { isIPv4(values, $0) }
        ) { values.whole($0) }
        whole.add(readings)
        if values.count == 1 { return single(values, whole, constants) }
        if values.count <= TextValues.longestPhrase {
            whole.add(origins(of: values.phrase(from: 0, tokens: values.count)))
        }
        // The values in a good text are good too.
        if whole.bits & Origins.good != 0 { return labelled(whole) }
        var found = values.count <= TextValues.longestPhrase ? composed(values) : copied(values)
        if whole.label != nil { found.worsen(by: labelled(whole)) }
        for token in values.words.indices where isEntity(values, token) {
            found.worsen(by: labelled(values, token, constants))
        }
        return found
    }

    private func single(
        _ values: TextValues, _ whole: Origins, _ constants: LabelConstants
    ) -> Labelled {
        if !values.text.tokens[0].isURL, whole.label != nil {
            var all = origins(values, 0)
            all.add(whole)
            return labelled(all)
        }
        return labelled(values, 0, constants)
    }

    /// Returns the label of one token; of a URL that of its worst part.
    func labelled(
        _ values: TextValues, _ token: Int, _ constants: LabelConstants
    ) -> Labelled {
        let part = values.text.tokens[token]
        if part.isURL {
            var worst: Labelled?
            values.parts(ofURL: token) { kind, hash, range in
                let found = labelled(
                    origins(of: hash), host: range.map { values.text.bytes[$0] }, constants)
                if worst == nil { worst = found } else { worst?.worsen(by: found) }
            }
            return worst ?? unknown()
        }
        let all = origins(values, token)
        let host =
            AddressParts.isHost(values.text.bytes, part.range)
            ? values.text.bytes[part.range] : nil
        if all.label != nil || host.map(constants.hasHost) == true {
            return labelled(all, host: host, constants)
        }
        var moment: Labelled?
        values.moment(token) { _, hash in
            let found = labelled(origins(of: hash))
            if moment == nil { moment = found } else { moment?.worsen(by: found) }
        }
        if let moment { return moment }
        // Made of parts: one that is untrusted makes it untrusted.
        var found = unknown()
        values.eachPart(of: token) { _, hash in
            let origins = origins(of: hash)
            if origins.bits & Origins.good == 0, origins.label != nil {
                found.worsen(by: labelled(origins))
            }
        }
        return found
    }

    private func labelled(
        _ origins: Origins, host: ArraySlice<UInt8>?, _ constants: LabelConstants
    ) -> Labelled {
        guard origins.bits & Origins.request == 0, let host, constants.hasHost(host) else {
            return labelled(origins)
        }
        return Labelled(label: .policy)
    }

    func isIPv4(_ values: TextValues, _ token: Int) -> Bool {
        AddressParts.isIPv4(values.text.bytes[values.text.tokens[token].range])
    }

    /// Returns the origins of a token as a word and as a typed value. If it has two readings, both must be good.
    private func origins(_ values: TextValues, _ token: Int) -> Origins {
        var all = combined(isAddress: isIPv4(values, token)) { values.typed(token, $0) }
        all.add(origins(of: values.words[token]))
        return all
    }

    /// - Parameter isAddress: true if an IPv4 address is in it, which is not good since a number or a phone number with its
    ///   digits is.
    private func combined(
        isAddress: Bool, _ each: (TextValues.Visitor) -> Void
    ) -> Origins {
        var all = Origins()
        var good: [ValueKind: UInt64] = [:]
        each { kind, hash in
            let found = origins(of: hash)
            let known = isAddress && kind != .host ? 0 : good[kind] ?? Origins.good
            good[kind] = known & found.bits
            all.add(Origins(bits: found.bits & Origins.bad, source: found.source))
        }
        for bits in good.values { all.bits |= bits }
        return all
    }

    /// Returns the label of a phrase that is nowhere as it is. One that has only tokens of untrusted content in it, and
    /// others that are known, is that content in another order.
    private func composed(_ values: TextValues) -> Labelled {
        var found = unknown()
        var isKnown = true
        var worst: Labelled?
        for token in values.words.indices {
            let origins = origins(values, token)
            guard let label = origins.label else {
                isKnown = false
                continue
            }
            guard label.severity > 1 else { continue }
            if worst == nil {
                worst = labelled(origins)
            } else {
                worst?.worsen(by: labelled(origins))
            }
        }
        if isKnown, let worst { found.worsen(by: worst) }
        return found
    }

    /// Returns the label of a text of more tokens than a phrase has: that of its worst phrase. Phrases that are known
    /// and good make it good only together.
    private func copied(_ values: TextValues) -> Labelled {
        var worst = Labelled(label: .request)
        for start in 0...values.count - TextValues.longestPhrase {
            let phrase = values.phrase(from: start, tokens: TextValues.longestPhrase)
            let found = labelled(origins(of: phrase))
            worst.worsen(by: found)
            if start == 0, worst.label.severity == 0 { worst = found }
        }
        return worst
    }

    /// The least digits of a number inside a text that counts for itself, as of an account.
    static let leastDigits = 6

    /// True for a URL, a host, an address, a mention, and a number of an account or a phone inside a text.
    func isEntity(_ values: TextValues, _ token: Int) -> Bool {
        let text = values.text
        let part = text.tokens[token]
        if part.isURL || AddressParts.isHost(text.bytes, part.range)
            || AddressParts.hasHost(text.bytes, part.range)
        {
            return true
        }
        let bytes = text.bytes[part.range]
        if bytes.contains(UInt8(ascii: "@")) { return true }
        if isMention(text, part) { return true }
        return bytes.count(where: { isDigit($0) }) >= Self.leastDigits
    }

    /// True for the name in `@name` or `#name`, also with other leading signs between.
    private func isMention(_ text: FoldedText, _ token: FoldedText.Token) -> Bool {
        var start = token.start
        while start > 0, FoldedText.leading.contains(text.bytes[start - 1]) {
            start -= 1
            let sign = text.bytes[start]
            if sign == UInt8(ascii: "@") || sign == UInt8(ascii: "#") { return true }
        }
        return false
    }
}
