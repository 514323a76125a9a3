import InterlockAdministration
import InterlockApprovals
import InterlockConsoleWorld
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockMarkup

/// Tables, and the ids, names and people in them.
struct TableTests {
    private func text(_ html: HTML) -> String { String(decoding: html.bytes, as: UTF8.self) }

    private func table(isLinked: Bool) -> String {
        text(
            Table(
                "Runs", [.id("Run"), .text("Purpose"), .number("Calls", .second), "Note"],
                ["page", "none"], isLinked: isLinked
            ) { row in
                [
                    row == "page" ? Shape.id("0123456789", Link("runs", row)) : .text(row),
                    .text("long"), .text("7"), .text("none"),
                ]
            }.html)
    }

    @Test func `a cell has the kind and the priority of its column`() {
        let table = table(isLinked: false)
        #expect(table.contains("columnheader\" class=\"number second\">Calls</th>"))
        #expect(table.contains("class=\"number second\" data-column=\"Calls\">7</td>"))
        #expect(table.contains("class=\"text\" data-column=\"Note\">none</td>"))
        #expect(!table.contains("linked\"") && !table.contains("clamp"))
    }

    @Test func `a cell with a dash is left out of cards, and no other one`() {
        let rows = text(
            Table("Points", [.name("Point"), .number("Left")], ["–", "none", "0"]) { left in
                [.text("hook"), .text(left)]
            }.html)
        #expect(rows.contains("class=\"number blank\" data-column=\"Left\">–</td>"))
        #expect(rows.ranges(of: "blank").count == 1)
    }

    @Test func `a row with a page is covered by its link, and its texts end after two lines`() {
        let rows = table(isLinked: true).split(separator: "<tr ")
        #expect(rows.count == 4)
        #expect(rows[2].contains("class=\"linked\"") && rows[2].contains("\"clamp\">long</div>"))
        #expect(!rows[3].contains("linked") && !rows[3].contains("clamp"))
    }

    @Test func `an id is its end, and the whole can be copied`() {
        let id = text(Shape.id("01kag0qf1a2b3c4d5e6f1f3385"))
        #expect(id.contains(">..1f3385<"))
        #expect(id.contains("data-copy=\"01kag0qf1a2b3c4d5e6f1f3385\""))
        #expect(text(Shape.digest("sha256:0123456789abcdef")).contains(">01234567<"))
    }

    @Test func `an id that is signed is whole, in groups of eight`() {
        let outline = Outline(Shape.whole("sha256:0123456789abcdef01").bytes)
        #expect(outline.text == "sha256:0123456789abcdef01")
        #expect(outline.tags.count { $0 == "span" } == 4)
        #expect(
            text(Shape.whole("0123456789")).contains("<span>01234567</span><wbr><span>89</span>"))
    }

    @Test func `a name breaks after the characters that separate its parts`() {
        #expect(
            text(.name("a.b_c-d/e:f@g")).contains(">a.<wbr>b_<wbr>c-<wbr>d/<wbr>e:<wbr>f@<wbr>g<"))
        let hostile = Outline(HTML.name("a.\u{202e}<b>").bytes)
        #expect(hostile.faults.isEmpty && !hostile.text.contains("\u{202e}"))
        #expect(!hostile.tags.contains("b"))
    }

    @Test func `a person of the reader's domain has no domain, and the title has the whole`() throws
    {
        let person = try #require(Person("ada@acme.example"))
        func chip(_ style: PersonStyle, _ word: PersonWord? = nil) -> Outline {
            Outline(style.html(of: person, word).bytes)
        }
        let near = chip(PersonStyle(domain: "acme.example"))
        #expect(near.text == "ada" && near.values.contains("ada@acme.example"))
        #expect(near.values.contains("A"))
        #expect(chip(PersonStyle(domain: "other.example")).text == "ada@acme.example")
        #expect(chip(PersonStyle(domain: "acme.example", isWhole: true)).text == "ada@acme.example")
        #expect(chip(PersonStyle()).text == "ada@acme.example")
        #expect(chip(PersonStyle(), .service).text == "ada@acme.example service")
        let gone = PersonStyle(domain: "acme.example", word: { _ in .revoked })
        #expect(chip(gone).text == "ada revoked")
        #expect(Outline(Shape.person(nil).bytes).text == "unknown")
    }

    @Test func `a person who cannot stop has the runs in the bar of a phone`() throws {
        let voter = ConsoleOffice().voter(0)
        func bar(_ roles: Set<Role>) -> String {
            let session = PersonSession(
                person: voter.person, pseudonym: voter.pseudonym, formToken: "a-form-token")
            let frame = Frame(
                assets: Browser().console.assets, halts: [],
                sections: Set(Page.Section.allCases),
                signer: { OrderSigner(session: $0, roles: roles, way: .page) })
            let header = PageHeader("x", StatusBadge(.plain, "x", from: "x"))
            let page = Page(title: "x", viewer: session, header: header) { "x" }
            let html = text(.group(Navigation(page: page, viewer: session, frame: frame).html))
            return String(html.split(separator: "</ul>").first ?? "")
        }
        #expect(bar([]).contains("/runs") && !bar([.kill]).contains("/runs"))
    }
}
