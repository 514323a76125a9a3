extension String {
    /// The text without characters that mean something in XML.
    var escapedForSVG: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
