/// Two interlocking rings.
enum Icon {
    static let source: StaticString = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke-width="4">
        <circle cx="12" cy="16" r="8" stroke="#0b57a4"/><circle cx="20" cy="16" r="8" stroke="#5a86b5"/>
        </svg>
        """
}
