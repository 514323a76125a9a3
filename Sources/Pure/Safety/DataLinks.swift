/// Links that could carry data away: Markdown images, and any link whose query has a placeholder or a value.
enum DataLinks {
    private static let longestLink = 2048

    static func findings(in plain: PlainText, at path: String) -> [DescriptionFinding] {
        var findings: [DescriptionFinding] = []
        for scheme in ["http://", "https://"] {
            var next = 0
            // A link inside a link is part of it, so no text is scanned twice.
            for place in plain.places(of: scheme) where place >= next {
                let most = min(plain.scalars.count, place + longestLink)
                let end =
                    plain.scalars[place..<most].firstIndex {
                        $0.properties.isWhitespace || ")>\"'`".unicodeScalars.contains($0)
                    } ?? most
                let link = plain.scalars[place..<end]
                next = end
                guard let query = link.firstIndex(of: "?"),
                    link[query...].contains(where: { $0 == "=" || $0 == "{" || $0 == "$" })
                else { continue }
                findings.append(
                    DescriptionFinding(
                        .dataLink, at: path, plain.offsets[place], plain.text(place..<end)))
            }
        }
        for place in plain.places(of: "](") where plain.isImage(before: place) {
            let end = min(plain.scalars.count, place + DescriptionFinding.longestExcerpt)
            findings.append(
                DescriptionFinding(
                    .dataLink, at: path, plain.offsets[place], "!" + plain.text(place..<end)))
        }
        return findings
    }
}

extension PlainText {
    /// Returns whether the bracket that closes here belongs to an image. Searches back on one line, at most 200
    /// scalars.
    fileprivate func isImage(before place: Int) -> Bool {
        var back = place
        while back > 0, place - back < 200, scalars[back - 1] != "\n" {
            back -= 1
            if scalars[back] == "[" { return back > 0 && scalars[back - 1] == "!" }
        }
        return false
    }
}
