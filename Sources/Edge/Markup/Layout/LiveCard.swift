/// A part of a page that refreshes itself whenever its content changes.
package func liveCard(_ id: Anchor, _ title: String, @HTMLBuilder content: () -> [HTML]) -> HTML {
    let content = content()
    return element(
        .section, .style(.card), .id(id), .flag(.isLive), .text(.version, content.look)
    ) {
        element(.h2) { title }
        content
    }
}

extension [HTML] {
    /// The FNV-1a hash of the markup, only to distinguish two versions of the same part.
    package var look: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in HTML.group(self).bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
