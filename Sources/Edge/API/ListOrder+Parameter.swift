import InterlockJSON
import InterlockModel
import InterlockSchemas

extension ListOrder {
    /// The query parameter of a list that has these orders.
    static var parameter: JSONSchemaType.Member {
        .maybe(
            "sort", .choice(texts),
            "The column of the order, with `-` before it if descending.")
    }

    /// Returns nil if the query has no order.
    init?(_ query: [ExactText: JSONValue]) {
        guard let text = query["sort"]?.string else { return nil }
        self.init(text)
    }
}
