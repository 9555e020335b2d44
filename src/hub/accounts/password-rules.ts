import { invalid } from '#base/errors.ts';

const shortest = 10;
const longest = 1024;

/** What guessers try first, of those that are long enough. */
const common: ReadonlySet<string> = new Set(
  `0123456789 01234567890 0987654321 1111111111 1122334455 1234567890 12345678901 123456789a 12345678910 123456789q 1234567891
   123123123123 1234512345 123456123456 1234567890- 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 9876543210 987654321a aaaaaaaaaa
   abc1234567 abcd123456 abcd12345678 abcde12345 abcdef123456 abcdefghij administrator adminadmin admin12345 admin123456
   asdasdasdasd asdfasdfasdf asdfghjkl1 asdfghjkl; baseball123 basketball charlie123 chocolate1 computer123 correcthorsebatterystaple
   dragon12345 football123 freedom123 helloworld helloworld1 hello12345 iloveyou12 iloveyou123 iloveyou1234 letmein123
   letmein1234 liverpool1 manchester michael123 minecraft1 mypassword mypassword1 p@ssw0rd123 p@ssword123 pa$$word123 passw0rd123
   passw0rd1234 password01 password10 password11 password12 password123 password123! password1234 password12345 password1!
   password2024 password2025 password2026 passwordpassword princess123 q1w2e3r4t5 q1w2e3r4t5y6 qazwsxedcrfv qwerty1234
   qwerty12345 qwerty123456 qwertyqwerty qwertyuiop qwertyuiop1 qwertyuiop123 qwertyuiop[] samsung123 secret1234 starwars123
   sunshine123 superman123 thisispassword trustno1trustno1 welcome123 welcome1234 welcome12345 whatever123 zaq12wsxcde3
   zxcvbnm123 zxcvbnm1234 zxcvbnm,./ changeme123 changemenow docker12345 dockerdocker hoisthoist password!1`.split(
    /\s+/,
  ),
);

/**
 * A new password, as OWASP's and NIST's (SP 800-63B) rules have it: long rather than odd, not the name, not what everyone has.
 *
 * @throws {EngineError} `invalid` saying why not
 */
export function checkPassword(password: string, name: string): void {
  if (password.length < shortest) throw invalid(`a password has at least ${shortest} characters`);
  if (password.length > longest) throw invalid(`a password has at most ${longest} characters`);
  if (/^hh[tri]_/.test(password)) throw invalid('a password must not begin as tokens do');
  const plain = password.toLowerCase();
  if (plain === name || plain === [...name].reverse().join(''))
    throw invalid('a password must not be the name');
  if (common.has(plain) || new Set(plain).size === 1)
    throw invalid('that password is among those that are guessed first');
}
