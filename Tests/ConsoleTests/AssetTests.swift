import InterlockKeys
import InterlockModel
import Testing

@testable import InterlockConsole

struct AssetTests {
    let assets = Assets(OpenSSLHashing())

    @Test func `an asset is named by its content and found by that name alone`() {
        for asset in [
            assets.stylesheet, assets.script, assets.passkeys, assets.orders, assets.icon,
        ] {
            let digest = OpenSSLHashing().sha256(asset.bytes).hex.prefix(16)
            #expect(asset.path.contains(digest))
            #expect(assets[asset.path]?.bytes == asset.bytes)
            #expect(assets[asset.path + "x"] == nil)
        }
    }

    /// A browser that obeys the policy runs nothing that stands in a page, and asks nobody else.
    @Test func `the policy lets nothing inline and nothing foreign in`() {
        let policy = SecurityHeaders.policy
        #expect(policy.hasPrefix("default-src 'none'"))
        for word in ["unsafe", "*", "http", "data:", "blob:"] { #expect(!policy.contains(word)) }
        #expect(policy.contains("frame-ancestors 'none'"))
        #expect(policy.contains("base-uri 'none'"))
    }

    @Test func `stylesheet and script name nothing of another origin and write no markup`() {
        for source in [
            assets.stylesheet, assets.script, assets.passkeys, assets.orders,
        ].map({ String(decoding: $0.bytes, as: UTF8.self) }) {
            for word in [
                "http:", "https:", "//", "@import", "url(", "innerHTML", "eval(", "document.write",
            ] {
                let allowed = word == "//" && source.hasPrefix("\"use strict\"")
                #expect(allowed || !source.contains(word), "\(word)")
            }
        }
    }

    @Test func `each style that pages use is in the stylesheet`() {
        let source = "\(Stylesheet.source)"
        let unstyled: Set<Style> = [.approve, .deny, .low, .row, .field, .hint]
        for style in Style.allCases where !unstyled.contains(style) {
            #expect(source.contains(".\(style.rawValue)"), "\(style.rawValue)")
        }
    }
}
