package import InterlockJSON
package import InterlockModel

/// The unit in which people read one argument of a tool, as the tool's entry declares it (docs/specs/console.md,
/// section 3).
package struct ArgumentUnit: PolicyPart, Hashable {
    package let argument: ArgumentPath
    package let kind: Kind
    package let place: PolicyLocation
    let path: String

    package enum Kind: Hashable, Sendable {
        case money(MoneyScale, CurrencySource)
        case measure(Measure)
        /// A number of things, by their name: `seats`.
        case count(of: String)
    }

    /// The unit of currency that an amount counts.
    package enum MoneyScale: String, Sendable, CaseIterable {
        /// The smallest, such as the cent.
        case minor
        case major
    }

    package enum CurrencySource: Hashable, Sendable {
        /// The argument that has the code.
        case argument(ArgumentPath)
        case fixed(Currency)
    }

    package enum Measure: String, Sendable, CaseIterable {
        case bytes, seconds, milliseconds, percent
        /// A time as the number of seconds since 1970.
        case unixSeconds = "unix_s"
        /// A time as the number of milliseconds since 1970.
        case unixMilliseconds = "unix_ms"
    }

    /// The argument and its unit, such as `amount_cents in minor units of args.currency`.
    package var sentence: String { "\(argument.name) in \(words)" }

    private var words: String {
        switch kind {
        case .money(let scale, .fixed(let currency)):
            scale == .minor ? "minor units of \(currency.code)" : currency.code
        case .money(let scale, .argument(let path)): "\(scale.rawValue) units of \(path)"
        case .measure(let measure): measure.rawValue
        case .count(let name): name
        }
    }

    /// The argument of a call in this unit, or nil if the call has no such argument.
    package func amount(in arguments: JSONValue) -> FormattedAmount? {
        guard let value = argument.value(in: arguments) else { return nil }
        var currency: Currency?
        let result: Result<String, AmountError>
        do throws(AmountError) {
            currency = try kind.currency(in: arguments)
            result = .success(try UnitFormatter.text(of: value, as: kind, currency))
        } catch { result = .failure(error) }
        return FormattedAmount(
            argument: argument, raw: value, currency: currency, result: result)
    }
}

extension ArgumentUnit.Kind {
    /// The currency of a call's amount; nil for what is no money.
    fileprivate func currency(in arguments: JSONValue) throws(AmountError) -> Currency? {
        switch self {
        case .measure, .count: return nil
        case .money(_, .fixed(let currency)): return currency
        case .money(_, .argument(let path)):
            guard let code = path.value(in: arguments)?.string else { throw .noCurrency(path) }
            guard let currency = Currency(code: code) else { throw .unknownCurrency(path) }
            return currency
        }
    }
}
