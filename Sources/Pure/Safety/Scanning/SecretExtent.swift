import InterlockJSON

/// The part of a text that must go for one finding. A rule matches where a value begins: a private key has its marker there
/// alone, and a pattern of bounded length can end before the value does.
package enum SecretExtent: Sendable, Hashable {
    case part(Range<Int>)
    /// The end of the value is not seen, so nothing of the text is certain to be no part of it.
    case everything

    /// - Parameters:
    ///   - finding: a finding in `text`.
    ///   - text: the whole text.
    package init(of finding: SecretFinding, in text: Span<UInt8>) {
        let start = min(max(0, Int(finding.offset)), text.count)
        let end = min(text.count, start + max(0, finding.length))
        switch finding.secretClass {
        case .privateKey:
            let end = Self.endOfKey(in: text, from: start)
            self = end.map { .part(start..<$0) } ?? .everything
        case .brokered, .canary:
            // The beginning alone of a long value is registered, and an encoding is recognised without its edges.
            if finding.length >= BrokeredValues.lengths.upperBound {
                self = .everything
            } else {
                self = .part(Self.wordStart(in: text, start)..<Self.wordEnd(in: text, end))
            }
        case .personal:
            // The pattern of an address begins with the last letter before the `@`.
            let value = NamedValue.start(in: text, start..<end, of: .personal)
            self = .part(Self.wordStart(in: text, value)..<Self.wordEnd(in: text, end))
        case .iban:
            // The match may continue with words behind the account.
            let value = NamedValue.start(in: text, start..<end, of: .iban)
            let account = AccountNumber.end(in: text, value..<end)
            self = .part(value..<Self.wordEnd(in: text, account))
        case .card:
            self = .part(Self.card(in: text, start..<end))
        case .generic, .nationalID:
            // The name of a member, and the words before a number, are no part of the value.
            let value = NamedValue.start(in: text, start..<end, of: finding.secretClass)
            self = .part(value..<Self.wordEnd(in: text, end))
        case .token, .undecodable:
            self = .part(start..<Self.wordEnd(in: text, end))
        }
    }

    /// Returns the part of a card's number, which may be in a later member than the word by which it is known.
    private static func card(in text: Span<UInt8>, _ match: Range<Int>) -> Range<Int> {
        if !match.contains(where: { (0x30...0x39).contains(text[$0]) }),
            let number = CardObject.number(in: text, from: match.lowerBound)
        {
            return number
        }
        let value = NamedValue.start(in: text, match, of: .card)
        return value..<wordEnd(in: text, match.upperBound)
    }

    private static let begin = Array("-----BEGIN ".utf8)
    private static let end = Array("-----END ".utf8)
    private static let dashes = Array("-----".utf8)
    private static let longestLabel = 64

    /// Returns the offset behind the end marker with the label of the begin marker at `start`, or nil if there is none.
    private static func endOfKey(in text: Span<UInt8>, from start: Int) -> Int? {
        let label = start + begin.count
        guard has(begin, text, at: start),
            let close = (label...label + longestLabel).first(where: { has(dashes, text, at: $0) })
        else { return nil }
        var marker = end
        for place in label..<close { marker.append(text[place]) }
        marker += dashes
        let first = close + dashes.count
        var place = first
        defer { Steps.count(place - first) }
        while place + marker.count <= text.count {
            if text[place] == marker[0], has(marker, text, at: place) {
                return place + marker.count
            }
            place += 1
        }
        return nil
    }

    /// - Returns: true if a marker is there; a form of the web has `+` for each space.
    private static func has(_ part: [UInt8], _ text: Span<UInt8>, at place: Int) -> Bool {
        guard place + part.count <= text.count else { return false }
        return part.indices.allSatisfy { spaced(text[place + $0]) == spaced(part[$0]) }
    }

    private static func spaced(_ byte: UInt8) -> UInt8 {
        byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte
    }

    /// Returns the end of the word that continues at an offset; what an edit makes a character of it belongs to it.
    package static func endOfWord(in text: Span<UInt8>, from start: Int) -> Int {
        var end = start
        while end < text.count {
            if isOfWord(text[end]) {
                end += 1
            } else if let edit = TextEdit(in: text, at: end, 0..<text.count), isOfWord(edit) {
                end += edit.length
            } else {
                break
            }
        }
        return end
    }

    private static func isOfWord(_ edit: TextEdit) -> Bool {
        guard let scalar = edit.scalar else { return true }
        return scalar < 0x80 && isOfWord(UInt8(truncatingIfNeeded: scalar))
    }

    private static func wordEnd(in text: Span<UInt8>, _ end: Int) -> Int {
        var end = end
        while end < text.count, isOfWord(text[end]) { end += 1 }
        return end
    }

    private static func wordStart(in text: Span<UInt8>, _ start: Int) -> Int {
        var start = start
        while start > 0, isOfWord(text[start - 1]) { start -= 1 }
        return start
    }

    /// Returns true for the characters of tokens and of both kinds of base64.
    private static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "/"),
            UInt8(ascii: "="), UInt8(ascii: "."), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
