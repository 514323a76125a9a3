package import InterlockJSON

/// One argument of a call, raw and as people read it.
package struct FormattedAmount: Hashable, Sendable {
    package let argument: ArgumentPath
    package let raw: JSONValue
    /// The currency of the call, or nil for what is no money, or if it is not known.
    package let currency: Currency?
    /// The text in the declared unit, or the reason why there is none.
    package let result: Result<String, AmountError>

    /// The text with the raw value: `500.00 EUR (50000)`, or `50000 (currency not given in args.currency)`.
    package var text: String {
        switch result {
        case .success(let text): "\(text) (\(raw.asShown))"
        case .failure(let error): "\(raw.asShown) (\(error))"
        }
    }

    /// The form in a review: `{"raw": 50000, "shown": "500.00 EUR"}`. A value that is no number is not repeated.
    package var json: JSONValue {
        var object: JSONObject = [:]
        switch raw {
        case .integer, .number: object["raw"] = raw
        case .null, .bool, .string, .array, .object: break
        }
        switch result {
        case .success(let text): object["shown"] = .string(text)
        case .failure(let error): object["reason"] = .string(error.description)
        }
        return .object(object)
    }
}
