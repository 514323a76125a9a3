import Testing

@testable import InterlockCommandLine

@Suite struct LocaleCharsetTests {
    @Test(
        arguments: [
            (nil, nil, "en_GB.UTF-8", true), (nil, nil, "C.utf8", true),
            (nil, nil, "de_DE.UTF-8@euro", true), (nil, nil, "de_DE@euro", false),
            (nil, nil, "C", false), (nil, nil, nil, false), ("C", "en_GB.UTF-8", "C.UTF-8", false),
            (nil, "en_GB.ISO-8859-1", "C.UTF-8", false), ("", "C.UTF-8", nil, true),
        ] as [(String?, String?, String?, Bool)])
    func `the first variable that is set names the character set`(
        _ all: String?, _ type: String?, _ language: String?, _ isUTF8: Bool
    ) {
        #expect(LocaleCharset.isUTF8(all: all, type: type, language: language) == isUTF8)
    }
}
