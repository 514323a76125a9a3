package import InterlockApprovals
package import InterlockMarkup

/// The excerpt of a call as text and as markup, in which invisible characters are visible.
package struct CallSummary {
    let excerpt: CallExcerpt

    init(_ excerpt: CallExcerpt) { self.excerpt = excerpt }

    package init(_ review: ReviewDocument) {
        self.init(CallExcerpt(arguments: review.call.arguments, facts: review.facts))
    }

    /// One line of plain text.
    var text: String {
        let written = excerpt.parts.map { part in
            [part.name, part.value].compactMap { $0 }.map(SafeLine.text).joined(separator: ": ")
        }
        let rest = excerpt.omitted > 0 ? ["and \(excerpt.omitted) more"] : []
        return (written + rest).joined(separator: ", ")
    }

    @HTMLBuilder package var html: [HTML] {
        if excerpt.parts.isEmpty { "No arguments" }
        for (place, part) in excerpt.parts.enumerated() {
            if place > 0 { ", " }
            if let name = part.name {
                SafeText.text(name)
                ": "
                SafeText.text(part.value)
            } else {
                SafeText.own(part.value)
            }
        }
        if excerpt.omitted > 0 { ", and \(excerpt.omitted) more" }
    }
}
