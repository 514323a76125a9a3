import Testing

struct MarkdownLinksTests {
    @Test func `every link in a document leads to a file and a heading that are there`() {
        let documents = Repository.files(under: "", endingIn: [".md"])
        #expect(documents.count > 3)
        for document in documents {
            for link in links(in: Repository.text(of: document)) where !link.contains(":") {
                check(link, in: document)
            }
        }
    }

    @Test func `links are read outside code, with and without a title`() {
        let text = """
            A [link](docs/a.md), `[code](no.md)` and ![picture](b.svg "title").
            ```
            [no](no.md)
            ```
            [one](c.md#a-heading)[two](<d e.md>)
            [ref]: f.md
            """
        #expect(links(in: text) == ["docs/a.md", "b.svg", "c.md#a-heading", "d e.md", "f.md"])
    }

    @Test func `a heading's anchor is its text in small letters with hyphens`() {
        let text = "# The `way` of one call\n```\n# not this\n```\n## A.B, c-d\n"
        #expect(anchors(in: text) == ["the-way-of-one-call", "ab-c-d"])
    }

    private func check(_ link: String, in document: String) {
        let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let folder = document.split(separator: "/").dropLast()
        var path: [Substring] = Array(folder)
        for component in parts[0].split(separator: "/") where component != "." {
            if component == ".." {
                guard !path.isEmpty else {
                    Issue.record("\(document): `\(link)` leaves the repository")
                    return
                }
                path.removeLast()
            } else {
                path.append(component)
            }
        }
        let target = parts[0].isEmpty ? document : path.joined(separator: "/")
        guard Repository.exists(target) else {
            Issue.record("\(document): `\(link)` leads nowhere")
            return
        }
        if parts.count == 2, target.hasSuffix(".md") {
            let found = anchors(in: Repository.text(of: target)).contains(String(parts[1]))
            #expect(found, "\(document): `\(link)` names no heading")
        }
    }

    private func prose(_ text: String) -> [Substring] {
        var inCode = false
        return text.split(separator: "\n").filter { line in
            let fence = line.drop(while: \.isWhitespace).hasPrefix("```")
            if fence { inCode.toggle() }
            return !inCode && !fence
        }
    }

    private func anchors(in text: String) -> [String] {
        prose(text).filter { $0.hasPrefix("#") }.map { line in
            let words = line.drop { $0 == "#" }.drop(while: \.isWhitespace).lowercased()
            return String(
                words.compactMap { character -> Character? in
                    if character == " " { return "-" }
                    let kept = character.isLetter || character.isNumber
                    return kept || character == "-" || character == "_" ? character : nil
                })
        }
    }

    private func links(in text: String) -> [String] {
        prose(text).flatMap { line -> [String] in
            if line.hasPrefix("["), let colon = line.firstIndex(of: "]"),
                line[colon...].hasPrefix("]: ")
            {
                return [String(line[colon...].dropFirst(3).prefix { !$0.isWhitespace })]
            }
            // Every second piece between backticks is code.
            let spoken = line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .map { $0.offset.isMultiple(of: 2) ? String($0.element) : "code" }.joined()
            return inlineLinks(in: spoken)
        }
    }

    private func inlineLinks(in line: String) -> [String] {
        var found: [String] = []
        var rest = line[...]
        while let bracket = rest.firstIndex(of: "]") {
            rest = rest[rest.index(after: bracket)...]
            guard rest.first == "(", let end = rest.firstIndex(of: ")") else { continue }
            let target = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[end...]
            if target.hasPrefix("<") {
                found.append(String(target.dropFirst().prefix { $0 != ">" }))
            } else {
                found.append(String(target.prefix { !$0.isWhitespace }))
            }
        }
        return found
    }
}
