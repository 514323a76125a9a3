import Glibc
import InterlockMarkup
import InterlockModel

@testable import InterlockAPI
@testable import InterlockConsole

/// The tokens of colour as the style sheet has them, with the contrasts that follow, and the scales of type and space.
struct DesignTokens {
    let assets: Assets

    /// The grounds on which each colour of text, edges and marks is used (docs/specs/console.md, section 2).
    static let grounds: [(token: String, on: [String])] = [
        ("ink", pages + softs), ("ink-2", pages + softs), ("ink-3", pages),
        ("edge", ["canvas", "surface"]), ("accent", pages + ["accent-soft"]),
        ("on-accent", ["accent"]), ("ok", ["canvas", "surface", "ok-soft"]),
        ("attention", ["canvas", "surface", "attention-soft"]),
        ("problem", ["canvas", "surface", "problem-soft"]), ("on-problem", ["problem"]),
        ("unknown", ["canvas", "surface", "unknown-soft"]), ("allowed", ["surface"]),
        ("approved", ["surface"]), ("denied", ["surface"]),
    ]
    private static let pages = ["canvas", "surface", "sunken"]
    private static let softs = [
        "accent-soft", "ok-soft", "attention-soft", "problem-soft", "unknown-soft",
    ]
    private static let spaces = [4, 8, 12, 16, 24, 32, 48]

    private struct Token {
        let name: String
        let light: String
        let dark: String
    }

    /// The tokens in the order of the style sheet, whose first block is light and whose first media query is dark.
    private var tokens: [Token] {
        let text = String(decoding: assets.stylesheet.bytes, as: UTF8.self)
        let parts = text.split(separator: "@media (prefers-color-scheme: dark)", maxSplits: 1)
        guard parts.count == 2 else { return [] }
        let dark = Dictionary(
            Self.colours(parts[1].prefix { $0 != "}" }), uniquingKeysWith: { first, _ in first }
        )
        return Self.colours(parts[0]).map {
            Token(name: $0.0, light: $0.1, dark: dark[$0.0] ?? $0.1)
        }
    }

    private static func colours(_ text: Substring) -> [(String, String)] {
        text.matches(of: /--([a-z0-9-]+): (#[0-9a-f]{6})/).map {
            (String($0.1), String($0.2))
        }
    }

    var specimens: [DesignPage.Specimen] {
        [DesignPage.Specimen("Tokens of colour", "var(--token)") { table.html }]
    }

    private var table: Table {
        let tokens = tokens
        return Table(
            "Contrast, rounded down, is the least on any ground where the token is used",
            ["Token", "Swatch", "Light", "Dark", "Contrast"], tokens.enumerated()
        ) { number, token in
            let pair = Self.grounds.first { $0.token == token.name }
            let found = pair.map { pair in
                [\Token.light, \Token.dark].map { side in
                    Self.contrast(
                        token[keyPath: side],
                        on: tokens.filter { pair.on.contains($0.name) }.map {
                            $0[keyPath: side]
                        })
                }.joined(separator: "; ")
            }
            return [
                element(.code, .id(Anchor("token", number))) { token.name },
                element(.span, .id(Anchor("swatch", number))),
                element(.code) { token.light }, element(.code) { token.dark },
                element(.span, .style(.number)) { found ?? "-" },
            ]
        }
    }

    /// The least contrast, such as `15.2`, rounded down.
    private static func contrast(_ colour: String, on grounds: [String]) -> String {
        let least = grounds.map { ratio(luminance(colour), luminance($0)) }.min() ?? 0
        let tenths = Int(least * 10)
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func ratio(_ a: Double, _ b: Double) -> Double {
        (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }

    /// The relative luminance (WCAG 2.2), 0 to 1.
    private static func luminance(_ colour: String) -> Double {
        let number = Int(colour.dropFirst(), radix: 16) ?? 0
        let parts = [number >> 16, number >> 8 & 255, number & 255].map { part in
            let share = Double(part) / 255
            return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }

    /// The style sheet of the page: its grid, and the swatches, which a page cannot colour by itself.
    var stylesheet: String {
        let swatches = tokens.enumerated().map { number, token in
            "#swatch-\(number) { background: var(--\(token.name)); }"
        }
        let spaces = Self.spaces.map {
            "#space-\($0) { width: \($0)px; background: var(--accent); }"
        }
        return """
            [id^="swatch-"], [id^="space-"] {
              display: inline-block; height: 1.5rem; border-radius: 6px; forced-color-adjust: none;
            }
            main > .card:has(> article) {
              display: grid; gap: .5rem 1.5rem;
              grid-template-columns: repeat(auto-fill, minmax(min(18rem, 100%), 1fr));
            }
            main > .card > h2, article:has(.wide, .facts, .figures, .picture, form) {
              grid-column: 1 / -1;
            }
            article { min-width: 0; }
            article > div > ul:not(.tree) { columns: 8rem; list-style: none; padding: 0; }
            [id^="swatch-"] { width: 4rem; border: 1px solid var(--edge); }
            \((swatches + spaces).joined(separator: "\n"))

            """
    }

    static let scales = [
        DesignPage.Specimen("Headings", "element(.h2), element(.h3)") {
            element(.p) { "The title of a page is its only h1." }
            element(.h3) { "Heading of a part, 15 px" }
        },
        DesignPage.Specimen("Text") {
            element(.p) {
                "Text, at most 72 characters a line, with a "
                hyperlink(Link("now")) { "link" }
                "."
            }
            element(.p, .style(.muted)) { "Text that matters less" }
            element(.p, .style(.hint)) { "A hint below a control" }
            element(.p) {
                "Code: "
                element(.code) { "interlock status" }
            }
            element(.p) {
                "Numbers of one width: "
                element(.span, .style(.number)) { "1,111 and 8,888" }
            }
        },
        DesignPage.Specimen("Space, in pixels") {
            for space in spaces {
                element(.p) {
                    element(.span, .id(Anchor("space", space)))
                    " \(space)"
                }
            }
        },
    ]
}
