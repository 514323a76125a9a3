import Testing

@testable import InterlockAPI
@testable import InterlockConsole

/// Rules of docs/specs/console.md, sections 2 and 3, that hold for every page and need no browser.
struct PageRuleTests {
    private func pages() async throws -> [(path: String, tags: [MarkupTag])] {
        let world = try await PageWorld(chart: Array("library".utf8))
        var pages: [(path: String, tags: [MarkupTag])] = []
        for path in world.paths {
            pages.append((path, MarkupTag.all(in: await world.browser.get(path).text)))
        }
        pages.append(("signed out", MarkupTag.all(in: await Browser(person: nil).get("/now").text)))
        return pages
    }

    @Test func `no page has styles or handlers in its markup, and every script is a file`()
        async throws
    {
        for (path, tags) in try await pages() {
            let faults = tags.filter { tag in
                if tag.name == "script" { return tag.values["src"] == nil || tag.text != "" }
                return ["style", "iframe", "object", "embed", "base"].contains(tag.name)
                    || tag.values.keys.contains { $0 == "style" || $0.hasPrefix("on") }
            }
            #expect(tags.count > 20 && faults.isEmpty, "\(path): \(faults.map(\.name))")
        }
    }

    @Test func `every icon is a drawing of its page, and is hidden from screen readers`()
        async throws
    {
        var count = 0
        for (path, tags) in try await pages() {
            let drawings = Set(tags.filter { $0.name == "symbol" }.compactMap { $0.values["id"] })
            for (place, tag) in tags.enumerated() where tag.name == "use" {
                count += 1
                let drawing = tag.values["href"] ?? ""
                #expect(
                    drawing.hasPrefix("#i-") && drawings.contains(String(drawing.dropFirst())),
                    "\(path): \(drawing)")
                let around = tags[place - 1]
                #expect(
                    around.name == "svg" && around.values["aria-hidden"] == "true",
                    "\(path): \(drawing)")
            }
        }
        #expect(count > 500)
    }

    @Test func `every time has its moment in the markup, and UTC in its title or its words`()
        async throws
    {
        var count = 0
        for (path, tags) in try await pages() {
            let times = tags.filter { $0.name == "time" }
            count += times.count
            let faults = times.filter { tag in
                tag.values["datetime"]?.hasSuffix("Z") != true
                    || !(tag.values["title"] ?? tag.text).hasSuffix(" UTC")
            }
            #expect(faults.isEmpty, "\(path): \(faults.map(\.text))")
        }
        #expect(count > 50)
    }

    @Test func `each id is on its page once, and labels, hints and buttons name parts of it`()
        async throws
    {
        for (path, tags) in try await pages() {
            let ids = tags.compactMap { $0.values["id"] }
            let known = Set(ids)
            #expect(known.count == ids.count, "\(path): \(ids.count - known.count) too many")
            let named = ["for", "aria-labelledby", "aria-describedby", "popovertarget"]
                .flatMap { name in tags.compactMap { $0.values[name] } }
            let lost = Set(named).subtracting(known)
            #expect(lost.isEmpty, "\(path): \(lost.sorted())")
        }
    }

    @Test func `only a page with a chart loads the library that draws it`() async throws {
        var drawn = 0
        for (path, tags) in try await pages() {
            let hasLibrary = tags.contains {
                $0.name == "script" && $0.values["src"]?.contains("/chart-") == true
            }
            let hasChart = tags.contains { $0.name == "canvas" }
            #expect(!hasLibrary || hasChart, "\(path)")
            if hasLibrary { drawn += 1 }
        }
        #expect(drawn > 0)
    }

    @Test func `sections are in their order, and count only where a person must act`()
        async throws
    {
        let all = try await pages()
        let tags = try #require(all.first { $0.path == "/now" }).tags
        let start = try #require(tags.firstIndex { $0.values["aria-label"] == "Sections" })
        let navigation = tags[start...].prefix { $0.name != "/nav" }
        let links = navigation.filter { $0.name == "a" }.compactMap { $0.values["href"] }
        let order = [
            "/approvals", "/now", "/agents", "/runs", "/alerts", "/halt", "/audit", "/policy",
            "/evals", "/servers", "/hosts", "/people", "/health", "/settings",
        ]
        #expect(links == order.filter { links.contains($0) } && links.count > 10, "\(links)")
        var (link, counted) = ("", Set<String>())
        for tag in navigation {
            if tag.name == "a" { link = tag.values["href"] ?? "" }
            if tag.values["class"] == "count" { counted.insert(link) }
        }
        #expect(counted.isSubset(of: ["/approvals", "/alerts", "/policy"]), "\(counted)")
    }

    @Test func `a title has the number of what waits for its reader, as the inbox has`()
        async throws
    {
        for (path, tags) in try await pages() {
            let title = try #require(tags.first { $0.name == "title" }).text
            let waiting = tags.first { $0.values["id"] == "waiting" }?.values["aria-label"]
            let number = waiting.map { words in "(" + String(words.prefix { $0 != " " }) + ") " }
            #expect(title.hasSuffix(" · Interlock"), "\(path): \(title)")
            #expect(
                number.map { title.hasPrefix($0) } ?? !title.hasPrefix("("), "\(path): \(title)")
        }
    }

    /// A control: it reads what a writer writes, and not words in a value.
    @Test func `tags are read with their values`() {
        let tags = MarkupTag.all(
            in: "<!doctype html>\n<p class=\"a b\" hidden title=\"x=1 &gt; y\">one</p><br>two")
        #expect(tags.map(\.name) == ["!doctype", "p", "/p", "br"])
        #expect(tags[1].values == ["class": "a b", "hidden": "", "title": "x=1 &gt; y"])
        #expect(tags.map(\.text) == ["\n", "one", "", "two"])
    }
}
