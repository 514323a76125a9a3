import InterlockTesting
import Testing

@testable import InterlockAPI
@testable import InterlockConsole

/// The outline of every page is the accepted one (docs/specs/console.md, section 6). INTERLOCK_UPDATE_GOLDEN=1 rewrites
/// the file; read the difference before committing it.
struct PageOutlineTests {
    private static let file =
        TestFiles.root(from: #filePath) + "/Tests/ConsoleTests/Golden/pages.outline"

    @Test func `headings, landmarks, fields and buttons of every page are the accepted ones`()
        async throws
    {
        let world = try await PageWorld()
        var found: [(path: String, outline: String)] = []
        for path in world.paths {
            let page = PageOutline(await world.browser.get(path).text)
            // The frame is that of the first page on all of them.
            let lines = found.isEmpty ? page.lines : page.content
            #expect(lines.count > 1, "\(path)")
            found.append((path, "# \(path)\n" + lines.joined(separator: "\n") + "\n"))
        }
        if GoldenFile.isRenewed {
            let text = found.map(\.outline).joined(separator: "\n")
            return try GoldenFile.write(Array(text.utf8), to: Self.file)
        }
        let kept = String(decoding: try #require(TestFiles.read(Self.file)), as: UTF8.self)
        let accepted = kept.split(separator: "\n\n").map { $0.split(separator: "\n") }
        #expect(accepted.count == found.count)
        for (page, accepted) in zip(found, accepted) {
            #expect(page.outline.split(separator: "\n") == accepted, "\(page.path)")
        }
    }

    @Test func `an outline has the names by which a reader moves about, in their order`() {
        let outline = PageOutline(
            """
            <!doctype html>
            <body><header><nav aria-label="Sections"><a href="/x">No act</a></nav></header><main id="main">\
            <h1>Agent <bdi class="value">a&lt;b</bdi></h1><section><h2>Limits</h2></section>\
            <section aria-label="State"><button aria-label="Record 1: Proved"><svg></svg></button>\
            <label for="x">Reason</label><a class="act primary" href="/y">Stop agent</a></section>\
            <table><caption>2 rows</caption></table><button>Copy</button><button>Copy</button></main></body>
            """)
        #expect(
            outline.lines == [
                "header", "  nav Sections", "main", "  h1 Agent a<b", "  h2 Limits",
                "  section State", "    button Record 1: Proved", "    field Reason",
                "    act Stop agent", "  table 2 rows", "  button Copy (2)",
            ])
        #expect(outline.content.first == "h1 Agent a<b" && outline.content.count == 8)
    }
}
