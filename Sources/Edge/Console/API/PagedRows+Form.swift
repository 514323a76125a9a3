import InterlockJSON

extension PagedRows {
    /// The response schema of one page of a list.
    ///
    /// - Parameters:
    ///   - name: the name of the page's schema.
    ///   - list: the member that holds the rows.
    static func form(
        _ name: String, _ list: String, of row: ResponseSchema<Row>, _ note: String
    ) -> ResponseSchema<PagedRows<Row>> {
        ResponseSchema(
            name,
            [
                .init(list, .list(row.shape, count: 0...Paging.size), note) {
                    .array($0.rows.map(row.json))
                },
                .init("count", .whole(Paging.counts), "Of the whole list.") {
                    .integer(Int64($0.count))
                },
                .init("page", .whole(Paging.numbers), "Which this is.") {
                    .integer(Int64($0.page))
                },
                .init("pages", .whole(Paging.numbers), "How many there are.") {
                    .integer(Int64($0.pages))
                },
            ])
    }
}

extension Paging {
    static let counts: ClosedRange<Int64> = 0...JSONValue.largestInteger
    static let numbers: ClosedRange<Int64> = 1...Int64(mostPages)

    /// The query parameter that every paged operation accepts.
    static let parameter = JSONSchemaType.Member(
        "page", .whole(numbers), "From 1; beyond the last it is the last.", isOptional: true)
}

extension APIRequestContext {
    var page: Int { query["page"]?.integer.map(Int.init) ?? 1 }
}
