/// A currency with the number of digits of its minor unit.
package struct Currency: Hashable, Sendable {
    package let code: String
    /// The digits after the point: 50000 minor units of a currency with 2 digits are 500.00.
    package let digits: Int

    /// Returns nil unless `code` is an active code of ISO 4217 that has a minor unit, in capitals.
    package init?(code: String) {
        // Texts that only look like the code are compared as other texts.
        guard code.utf8.count == 3, let digits = Self.digits[code] else { return nil }
        self.code = code
        self.digits = digits
    }

    /// The digits of each code, by ISO 4217:2015, list one (currencies and funds in use) as of 2026-01-01, maintained
    /// by SIX Financial Information. Codes without a minor unit, such as gold (XAU), are not listed.
    private static let digits: [String: Int] = {
        let rows: [(digits: Int, codes: String)] = [
            (
                0,
                "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
            ),
            (
                2,
                """
                AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD \
                CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS \
                GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD \
                LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB \
                PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP \
                SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW \
                ZWG
                """
            ),
            (3, "BHD IQD JOD KWD LYD OMR TND"), (4, "CLF UYW"),
        ]
        var table: [String: Int] = [:]
        for row in rows {
            for code in row.codes.split(separator: " ") { table[String(code)] = row.digits }
        }
        return table
    }()
}
