import InterlockConsole

extension Command {
    static let openAPI = Command(
        "openapi", "print the document of the people plane's API",
        notes:
            "OpenAPI 3.1, the file docs/openapi.json. The API is served under /api/v1 where\n`approval_service.console` has an address."
    ) { _ in
        Output.text(OpenAPI.text)
        return .ok
    }
}
