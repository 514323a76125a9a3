import InterlockModel

extension LabelIndex {
    /// Returns the bytes of a URL's path, query and fragment that are not of the user's request: what a URL can carry out
    /// besides the request itself (docs/specs/output-safety.md, section 7, "Egress side channels"). A path or query that
    /// the request has counts for what its spelling adds. So does each other part once, and for its choice among the parts
    /// of the request, at most two bytes; the same part again, and separators in a row, count whole.
    ///
    /// - Parameter target: the path, query and fragment, in the form in which they are sent.
    package func bytesBeyondRequest(inTarget target: String) -> Int {
        let bytes = Array(target.utf8)
        let cut = bytes.firstIndex { Self.queryStarts.contains($0) } ?? bytes.count
        let (path, query) = requestedParts(of: target, bytes.count)
        var seen: Set<[UInt64]> = []
        return beyond(bytes[..<cut], known: path, Self.pathSeparators, &seen)
            + beyond(bytes[cut...], known: query, Self.querySeparators, &seen)
    }

    private static let queryStarts = ByteSet(of: "?#")
    private static let pathSeparators = ByteSet(of: "/;")
    private static let querySeparators = ByteSet(of: "?#&;=")
    private static let origin = "http://h"

    /// Returns the bytes of the path and of the query in their normalised form, each nil unless the request has it.
    private func requestedParts(of target: String, _ count: Int) -> (path: Int?, query: Int?) {
        let text = FoldedText(Self.origin + target)
        // A shorter token has left characters out, which may say anything.
        guard text.tokens.count == 1, text.tokens[0].isURL,
            text.tokens[0].range.count == Self.origin.utf8.count + count
        else { return (nil, nil) }
        let url = URLParts(text.bytes, text.tokens[0].range)
        func known(_ kind: ValueKind, _ part: [UInt8]?) -> Int? {
            guard let part, isOfRequest(hasher.hash(kind, part)) else { return nil }
            return part.count
        }
        return (known(.path, url.path), known(.query, url.query))
    }

    private func beyond(
        _ bytes: ArraySlice<UInt8>, known: Int?, _ separators: ByteSet, _ seen: inout Set<[UInt64]>
    ) -> Int {
        var count = 0
        var start = bytes.startIndex
        while start < bytes.endIndex {
            var end = start
            while end < bytes.endIndex, !separators.contains(bytes[end]) { end += 1 }
            let part = bytes[start..<end]
            // The separator before a part is free, further ones are not.
            count += part.isEmpty ? (start == bytes.startIndex ? 0 : 1) : beyond(part, &seen)
            start = end + 1
        }
        return known.map { min(count, max(0, bytes.count - $0)) } ?? count
    }

    private func beyond(_ part: ArraySlice<UInt8>, _ seen: inout Set<[UInt64]>) -> Int {
        let text = String(decoding: PercentEscapes.decoded(part), as: UTF8.self)
        let values = TextValues(text, hasher)
        guard values.count > 0, isOfRequest(values), seen.insert(values.words).inserted else {
            return part.count
        }
        let said = values.text.tokens.reduce(min(values.count - 1, spaces(in: part))) {
            $0 + $1.range.count
        }
        let spelling = max(0, part.count - said) + mixedCase(in: part)
        return min(part.count, spelling + Self.choice)
    }

    /// The bytes for which a part of the request counts: which of the parts it is, and where, can carry that much.
    private static let choice = 2

    /// The spaces as queries have them; another character between words is a choice.
    private func spaces(in part: ArraySlice<UInt8>) -> Int {
        var count = 0
        for index in part.indices {
            if part[index] == UInt8(ascii: "+")
                || part[index...].prefix(3).elementsEqual("%20".utf8)
            {
                count += 1
            }
        }
        return count
    }

    /// The capital letters after the first one, unless all letters are.
    private func mixedCase(in part: ArraySlice<UInt8>) -> Int {
        let letters = part.filter { isLetter($0) }
        let capitals = letters.dropFirst().count { $0 < UInt8(ascii: "a") }
        return capitals == letters.count - 1 && letters.first.map { $0 < UInt8(ascii: "a") } == true
            ? 0 : capitals
    }

    /// True if each phrase of a text is one of the request.
    private func isOfRequest(_ values: TextValues) -> Bool {
        let length = min(values.count, TextValues.longestPhrase)
        return (0...values.count - length).allSatisfy {
            isOfRequest(values.phrase(from: $0, tokens: length))
        }
    }

    /// True if a value is one of the request.
    func isOfRequest(_ hash: UInt64) -> Bool {
        origins(of: hash).bits & Origins.request != 0
    }
}
