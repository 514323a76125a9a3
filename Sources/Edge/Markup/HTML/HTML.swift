package import InterlockModel

/// A piece of a page, made of elements, attributes and text from this module's closed lists. Text is escaped when it is
/// written. Markup cannot be inserted as a string.
///
/// INVARIANT: no text becomes markup, an attribute or another origin's address. Kept by `HTMLTests`.
package indirect enum HTML: Sendable {
    case text(String)
    case element(Element, [Attribute], [HTML])
    case empty(EmptyElement, [Attribute])
    case group([HTML])
    /// A time, which the writer puts into the zone of the page's reader.
    case time(Timestamp, TimeForm)
    /// A person, whom the writer names as the page's reader needs it.
    case person(Person, PersonWord?)

    /// The whole document with its doctype, in UTF-8.
    package func document(_ times: TimeStyle, _ people: PersonStyle = PersonStyle()) -> [UInt8] {
        var writer = HTMLWriter(times, people)
        writer.begin()
        writer.write(self)
        return writer.bytes
    }

    /// The piece alone, with times in UTC and whole addresses, the same at any moment and for any reader.
    package var bytes: [UInt8] {
        var writer = HTMLWriter()
        writer.write(self)
        return writer.bytes
    }
}

/// Elements with content. None of them runs a script, embeds another page or loads anything except an `Asset`.
package enum Element: String, Sendable, CaseIterable {
    case html, head, title, body, header, nav, main, footer, section, article
    case h1, h2, h3, p, a, ul, ol, li, dl, dt, dd, div, span, bdi, strong, em, code, time
    case table, caption, thead, tbody, tr, th, td
    case form, fieldset, legend, label, select, option, textarea, button
    case details, summary, noscript, kbd
    /// Shown above the page by a script.
    case dialog
    /// Empty until a script draws on it.
    case canvas
    /// Used only with `src`: see `HTMLWriter`.
    case script
    /// Drawings; `text` is text of a drawing.
    case svg, symbol, path, use, text
}

/// Elements without content and end tag.
package enum EmptyElement: String, Sendable, CaseIterable {
    case meta, link, input, br
    /// A position at which a line may break in a word.
    case wbr
}

package func element(
    _ name: Element, _ attributes: Attribute..., @HTMLBuilder content: () -> [HTML] = { [] }
) -> HTML {
    .element(name, attributes, content())
}

package func hyperlink(
    _ link: Link, _ attributes: Attribute..., @HTMLBuilder content: () -> [HTML]
) -> HTML { .element(.a, [.link(.href, link)] + attributes, content()) }

/// A link in a list of which one may be current.
///
/// - Parameter word: what `aria-current` says of it.
package func hyperlink(
    _ link: Link, isCurrent: Bool, as word: StaticString = "page",
    @HTMLBuilder content: () -> [HTML]
) -> HTML {
    isCurrent
        ? hyperlink(link, .word(.current, word), content: content)
        : hyperlink(link, content: content)
}

package func empty(_ name: EmptyElement, _ attributes: Attribute...) -> HTML {
    .empty(name, attributes)
}

/// Lets pages be written as nested blocks; a string among them becomes text.
@resultBuilder
package enum HTMLBuilder {
    package static func buildExpression(_ text: String) -> [HTML] { [.text(text)] }
    package static func buildExpression(_ piece: HTML) -> [HTML] { [piece] }
    package static func buildExpression(_ pieces: [HTML]) -> [HTML] { pieces }
    package static func buildBlock(_ parts: [HTML]...) -> [HTML] { parts.flatMap { $0 } }
    package static func buildOptional(_ part: [HTML]?) -> [HTML] { part ?? [] }
    package static func buildEither(first: [HTML]) -> [HTML] { first }
    package static func buildEither(second: [HTML]) -> [HTML] { second }
    package static func buildArray(_ parts: [[HTML]]) -> [HTML] { parts.flatMap { $0 } }
}
