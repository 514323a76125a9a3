@main struct Interlock { static func main() {} }
