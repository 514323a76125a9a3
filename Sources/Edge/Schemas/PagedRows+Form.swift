import InterlockJSON
package import InterlockMarkup

extension PagedRows {
    /// The response schema of one page of a list.
    ///
    /// - Parameters:
    ///   - name: the name of the page's schema.
    ///   - list: the member that holds the rows.
    package static func form(
        _ name: String, _ list: String, of row: ResponseSchema<Row>, _ note: String
    ) -> ResponseSchema<PagedRows<Row>> {
        ResponseSchema(
            name,
            .init(list, .list(row.shape, count: 0...Paging.size), note) { $0.rows.map(row.json) },
            .init("count", .count, "Of the whole list.") { $0.count },
            .init("page", .whole(Paging.numbers), "Which this is.") { $0.page },
            .init("pages", .whole(Paging.numbers), "How many there are.") { $0.pages })
    }
}

extension Paging {
    package static let numbers: ClosedRange<Int64> = 1...Int64(mostPages)

    /// The query parameter that every paged operation accepts.
    package static let parameter = JSONSchemaType.Member(
        "page", .whole(numbers), "From 1; beyond the last it is the last.", isOptional: true)
}
