/// The character set of the user's locale, by the rules of POSIX: the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is
/// not empty decides.
package enum LocaleCharset {
    package static var isUTF8: Bool {
        isUTF8(
            all: environment("LC_ALL"), type: environment("LC_CTYPE"), language: environment("LANG")
        )
    }

    /// Returns true if the locale, such as `de_DE.UTF-8@euro`, names UTF-8; false for none.
    static func isUTF8(all: String?, type: String?, language: String?) -> Bool {
        guard let locale = [all, type, language].compactMap(\.self).first(where: { !$0.isEmpty }),
            let dot = locale.firstIndex(of: ".")
        else { return false }
        let charset = locale[locale.index(after: dot)...].prefix { $0 != "@" }
        return ["utf-8", "utf8"].contains(charset.lowercased())
    }
}
