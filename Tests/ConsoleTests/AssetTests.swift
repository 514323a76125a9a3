import CAssets
import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockMarkup

struct AssetTests {
    let assets = Assets(OpenSSLHashing(), chart: Array("library".utf8))

    @Test func `an asset is named by its content and found by that name alone`() {
        for asset in [
            assets.stylesheet, assets.session, assets.script, assets.passkeys, assets.orders,
            assets.keys, assets.icon, assets.waitingIcon, assets.lostIcon,
        ] + assets.charts {
            let digest = OpenSSLHashing().sha256(asset.bytes).hex.prefix(16)
            #expect(asset.path.contains(digest))
            #expect(assets[asset.path]?.bytes == asset.bytes)
            #expect(assets[asset.path + "x"] == nil)
        }
    }

    @Test func `packed data of a stranger are unpacked whole, within a bound, or not at all`()
        throws
    {
        let most = GzipCoding.mostUnpacked
        let whole = Array(repeating: UInt8(ascii: "a"), count: most)
        let packed = try #require(GzipCoding.packed(whole))
        #expect(GzipCoding.unpacked(packed) == .bytes(whole))
        let bomb = try #require(GzipCoding.packed(whole + [0]))
        #expect(GzipCoding.unpacked(bomb) == .tooLong)
        #expect(GzipCoding.unpacked(packed + [0]) == .malformed)
        for count in [0, 1, 10, packed.count - 1] {
            #expect(GzipCoding.unpacked(Array(packed.prefix(count))) == .malformed, "\(count)")
        }
        for place in packed.indices {
            var damaged = packed
            damaged[place] ^= 0x55
            if case .bytes(let bytes) = GzipCoding.unpacked(damaged) { #expect(bytes == whole) }
        }
    }

    @Test(arguments: [
        (INTERLOCK_CONSOLE_CSS, "console.css"), (INTERLOCK_CONSOLE_JS, "console.js"),
        (INTERLOCK_CONTACT_JS, "contact.js"), (INTERLOCK_PALETTE_JS, "palette.js"),
        (INTERLOCK_SHORTCUTS_JS, "shortcuts.js"), (INTERLOCK_VALUES_JS, "values.js"),
        (INTERLOCK_SESSION_JS, "session.js"),
        (INTERLOCK_FORMS_JS, "forms.js"),
        (INTERLOCK_PASSKEY_USE_JS, "passkey-use.js"), (INTERLOCK_PASSKEYS_JS, "passkeys.js"),
        (INTERLOCK_ORDERS_JS, "orders.js"), (INTERLOCK_CHARTS_JS, "charts.js"),
        (INTERLOCK_ICON_SVG, "icon.svg"), (INTERLOCK_ICON_WAITING_SVG, "icon-waiting.svg"),
        (INTERLOCK_ICON_LOST_SVG, "icon-lost.svg"),
    ])
    func `each file is compiled in without the line break at its end`(
        _ name: interlock_asset_name, _ file: String
    ) throws {
        let path = TestFiles.root(from: #filePath) + "/Sources/C/CAssets/files/" + file
        let kept = try #require(TestFiles.read(path))
        #expect(Assets.file(name) + [UInt8(ascii: "\n")] == kept)
    }

    @Test func `dark is the same by the system and by choice`() throws {
        let sheet = String(decoding: assets.stylesheet.bytes, as: UTF8.self)
        func tokens(after start: String) throws -> [Substring] {
            let begin = try #require(sheet.firstRange(of: start)).upperBound
            return sheet[begin...].prefix { $0 != "}" }.split(whereSeparator: \.isWhitespace)
        }
        let system = try tokens(after: ":root:where(:not([data-theme=\"light\"])) {")
        let chosen = try tokens(after: ":root:where([data-theme=\"dark\"]) {")
        #expect(system.count > 40 && ["color-scheme:", "dark;"] + system == chosen)
    }

    @Test func `only opacity moves, for 120 ms, and nothing where less motion is asked for`() {
        let sheet = String(decoding: assets.stylesheet.bytes, as: UTF8.self)
        #expect(sheet.ranges(of: "transition").count == 1)
        #expect(sheet.contains("(prefers-reduced-motion: no-preference)"))
        #expect(sheet.contains("transition: opacity 120ms"))
        let scripts = [
            assets.session, assets.script, assets.passkeys, assets.orders, assets.keys,
            assets.charts[1],
        ]
        for source in [sheet] + scripts.map({ String(decoding: $0.bytes, as: UTF8.self) }) {
            for word in ["@keyframes", "animation-", ".animate(", "smooth"] {
                #expect(!source.contains(word), "\(word)")
            }
        }
    }

    /// A browser that obeys the policy runs nothing inline and contacts no other origin.
    @Test func `the policy lets nothing inline and nothing foreign in`() {
        let policy = SecurityHeaders.policy
        #expect(policy.hasPrefix("default-src 'none'"))
        for word in ["unsafe", "*", "http", "data:", "blob:"] { #expect(!policy.contains(word)) }
        #expect(policy.contains("frame-ancestors 'none'"))
        #expect(policy.contains("base-uri 'none'"))
    }

    @Test func `stylesheet and script name nothing of another origin and write no markup`() {
        for source in [
            assets.stylesheet, assets.session, assets.script, assets.passkeys, assets.orders,
            assets.keys, assets.charts[1],
        ].map({ String(decoding: $0.bytes, as: UTF8.self) }) {
            for word in [
                "http:", "https:", "//", "@import", "url(", "innerHTML", "eval(", "document.write",
            ] {
                let allowed = word == "//" && source.hasPrefix("\"use strict\"")
                #expect(allowed || !source.contains(word), "\(word)")
            }
        }
    }

    @Test func `own scripts together are at most 40 kB, and so is the style sheet`() {
        let scripts = [
            assets.session, assets.script, assets.passkeys, assets.orders, assets.keys,
            assets.charts[1],
        ]
        let count = scripts.reduce(0) { $0 + $1.bytes.count }
        #expect(count <= 40_000, "\(count) bytes")
        #expect(assets.stylesheet.bytes.count <= 40_000)
    }

    @Test func `a script is served without its comments and needless spaces`() {
        let lines: [(String, String)] = [
            (
                "// Why.\nconst a = 1;\n\n  if (a) {\n    // Because.\n    b(\"// c\");\n  }\n",
                "const a=1;\nif(a){\nb(\"// c\");\n}"
            ),
            ("x = (a, b) => ({ a: b + 1 });", "x=(a,b)=>({a:b + 1});"),
            (
                "f(\"a = { b }\", `c = ${ d }`, 'e , \\' = f');",
                "f(\"a = { b }\",`c = ${ d }`,'e , \\' = f');"
            ),
            ("y = a / (b - -c);", "y=a /(b - -c);"),
            ("z = /a = \"b/.exec(c, d);", "z = /a = \"b/.exec(c, d);"),
        ]
        for (source, expected) in lines {
            let served = String(decoding: Assets.trimmed(Array(source.utf8)), as: UTF8.self)
            #expect(served == expected)
        }
    }

    @Test func `a browser that takes it gets an asset packed`() async {
        let browser = Browser(person: nil)
        let path = browser.console.assets.stylesheet.path
        let plain = await browser.get(path)
        #expect(plain["content-encoding"] == nil && plain["vary"] == "accept-encoding")
        #expect(plain.response.body == browser.console.assets.stylesheet.bytes)
        let packed = await browser.get(path, ("accept-encoding", "gzip, deflate, br"))
        #expect(packed["content-encoding"] == "gzip" && packed["vary"] == "accept-encoding")
        #expect(packed["content-type"] == plain["content-type"])
        #expect(packed.response.body.prefix(3) == [0x1f, 0x8b, 8])
        #expect(packed.response.body.count < plain.response.body.count / 2)
    }

    @Test(arguments: [
        (nil, false), ("", false), ("gzip", true), ("GZIP", true), ("br, gzip;q=0.5", true),
        ("gzip;q=0", false), ("gzip; q=0.000", false), ("*", true), ("*;q=0", false),
        ("gzip;q=0, *", false), ("identity", false), ("gzip;q=x", false), ("xgzip", false),
    ])
    func `what a browser takes is read as it says`(_ header: String?, _ isTaken: Bool) {
        #expect(GzipCoding.isTaken(by: header) == isTaken)
    }

    @Test func `what would be no shorter is not packed`() {
        #expect(GzipCoding.packed([]) == nil)
        #expect(GzipCoding.packed(Array("ab".utf8)) == nil)
    }

    @Test func `each style that pages use is in the stylesheet`() {
        let source = String(decoding: assets.stylesheet.bytes, as: UTF8.self)
        // Cells of states are as cells are by default.
        let unstyled: Set<Style> = [.approve, .deny, .low, .row, .field, .hint, .state]
        for style in Style.allCases where !unstyled.contains(style) {
            #expect(source.contains(".\(style.rawValue)"), "\(style.rawValue)")
        }
    }
}
