/// An attribute of an element. Its value's type depends on what browsers do with it: text of any origin is only shown
/// or sent back, addresses are `Link`s, and everything else is a literal of this program.
package enum Attribute: Sendable {
    case style([Style])
    case id(Anchor)
    /// A reference to the element with this id.
    case anchor(AnchorName, Anchor)
    case link(LinkName, Link)
    case asset(AssetName, Asset)
    /// The name of a drawing, or in `use` the reference to it.
    case icon(Icon)
    case iconReference(Icon)
    /// Text of any origin; escaped.
    case text(TextName, String)
    /// A literal of this program.
    case word(WordName, StaticString)
    case number(NumberName, Int)
    case flag(Flag)
    /// The bars of a small chart, as the path of a drawing.
    case bars(Bars)
    /// The path of a drawing.
    case strokes(Strokes)
    /// The size of a drawing, as its `viewBox`.
    case extent(width: Int, height: Int)

    package enum AnchorName: String, Sendable {
        case `for`
        case labelledBy = "aria-labelledby"
        case describedBy = "aria-describedby"
        case controls = "aria-controls"
        /// The part that a button shows and hides.
        case popovertarget
        /// The dialog that a button opens, by the script.
        case dialog = "data-dialog"
    }
    package enum LinkName: String, Sendable { case href, action }
    package enum AssetName: String, Sendable {
        case href, src
        /// The icon of a page without contact.
        case lost = "data-lost"
    }
    package enum TextName: String, Sendable {
        case value, datetime, content, title, placeholder
        case label = "aria-label"
        /// Read by the script, which displays it as text or compares it.
        case version = "data-version"
        case target = "data-target"
        /// A time that is written relative to the page's moment, as it is written from a day on.
        case moment = "data-moment"
        /// The first letter of a person's name.
        case initial = "data-initial"
        /// The whole of an id of which only a part is shown, which the script offers to copy.
        case copied = "data-copy"
        /// Printed before a cell if the table's header is not visible.
        case column = "data-column"
        /// The label of a point in a chart's table, from which the script draws.
        case mark = "data-mark"
        /// The address of the API from which the script reads.
        case source = "data-source"
    }
    package enum WordName: String, Sendable {
        case type, name, method, rel, role, lang, dir, scope, charset, autocomplete, content
        case live = "aria-live"
        case current = "aria-current"
        case invalid = "aria-invalid"
        /// The direction in which a column orders its table.
        case sort = "aria-sort"
        case part = "data-part"
        case stream = "data-stream"
        case order = "data-order"
        /// The kind of a chart.
        case kind = "data-kind"
        /// The looks that the browser's person has chosen.
        case theme = "data-theme"
        case density = "data-density"
        case shortcuts = "data-shortcuts"
        /// The key that follows a link after `g`.
        case key = "data-key"
        case keyShortcuts = "aria-keyshortcuts"
        case expanded = "aria-expanded"
        case completion = "aria-autocomplete"
        case autocapitalize, spellcheck, value, viewBox
        case ariaHidden = "aria-hidden"
        case aspect = "preserveAspectRatio"
        /// A path in the language of SVG.
        case drawing = "d"
    }
    package enum NumberName: String, Sendable {
        case min, max, minlength, maxlength, rows, colspan, tabindex
        /// The position of a text in a drawing.
        case x, y
        case floor = "data-floor-ms"
        case revision = "data-revision"
        /// The number of points that a chart has room for.
        case room = "data-room"
    }
    package enum Flag: String, Sendable {
        case required, disabled, hidden, selected, checked, `defer`, open
        /// A part that is shown above the page by its button.
        case popover
        case isLive = "data-live"
        /// The page is refreshed until no part has it.
        case isCalculating = "data-calculating"
        case isChart = "data-chart"
        /// A part that says how many new records there are.
        case isFollowing = "data-follow"
        /// A form of a session, which the script sends with a proof.
        case isProven = "data-proven"
        /// A link to a download, which the script fetches with a proof.
        case isFile = "data-file"
        /// A button that closes its dialog.
        case closes = "data-close"
    }

    package static func style(_ styles: Style...) -> Attribute { .style(styles) }
}

/// An id in a page: a literal of this program, with a number if there are several.
package struct Anchor: Sendable, Hashable {
    package let text: String
    package init(_ word: StaticString, _ number: Int? = nil) {
        text = "\(word)" + (number.map { "-\($0)" } ?? "")
    }
}

/// The classes of the style sheet.
package enum Style: String, Sendable, CaseIterable {
    case page, brand, skip, crumbs, muted, nowrap, number, stack, row
    case notice, good, warning, bad, unknown
    case value, hidden, sign, decoded, tree, key, literal
    case card, part, facts, wide, badge, low, medium, high
    case actions, approve, deny, quiet, field, hint, filters, pager, empty
    case figures, columns, timeline, block, choices
    case chart, picture, legend, undrawn, band
    case icon, icons, count, side, main, rest, more, who, danger, contact
    case toneCalm = "tone-calm"
    case toneBad = "tone-bad"
    case toneWarm = "tone-warm"
    case spark, waterfall, matrix, top, keys, flow, box
    case head, lead, kind, line, act, primary, acts, chips, tiles, notices, pending, stopped
    case linked, broad, clamp, person, whole
    // The kinds of a table's columns, besides `number`, and their priorities.
    case id, name, text, time, state, second, third
    case proof, fault, searching, entries, entry
    case change, diff, added, removed
    case beside, title, sheet, opener, blank
}
